package console

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"html/template"
	"io/fs"
	"net/http"
	"strconv"

	"ingest-pipeline/local/aws/awserr"
)

//go:embed assets
var files embed.FS

var index = template.Must(template.ParseFS(files, "assets/index.html"))

// page writes the page with the token that its requests need.
func (s *Server) page(w http.ResponseWriter, _ *http.Request) {
	var b bytes.Buffer
	account := s.options.Cloud.Account
	err := index.Execute(&b, struct{ Token, Stack, Region, Account string }{s.token, s.options.Stack, account.Region, account.ID})
	if err != nil {
		writeError(w, http.StatusInternalServerError, err.Error())
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes()) // a browser that has gone away is no failure
}

// assets serves everything but the page itself, which needs a token.
func assets() http.Handler {
	parts, err := fs.Sub(files, ".")
	if err != nil {
		panic(err) // "." is a valid path
	}
	return http.FileServerFS(parts)
}

// requestError is what is wrong with a request to the console.
type requestError struct {
	status  int
	message string
}

func (e *requestError) Error() string { return e.message }

func badRequest(message string) error    { return &requestError{http.StatusBadRequest, message} }
func notFoundError(message string) error { return &requestError{http.StatusNotFound, message} }

// maxRequestBytes bounds what a page may send: a whole batch, escaped as JSON.
const maxRequestBytes = 32 << 20

// respond answers with what a function returns, as JSON.
func respond(answer func(*http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxRequestBytes)
		content, err := answer(r)
		if err != nil {
			writeError(w, statusOf(err), err.Error())
			return
		}
		writeJSON(w, http.StatusOK, content)
	})
}

func statusOf(err error) int {
	var request *requestError
	var service *awserr.Error
	switch {
	case errors.As(err, &request):
		return request.status
	case errors.As(err, &service):
		return service.Status
	}
	return http.StatusInternalServerError
}

func writeJSON(w http.ResponseWriter, status int, content any) {
	b, err := json.Marshal(content)
	if err != nil {
		status, b = http.StatusInternalServerError, []byte(`{"error":"the answer cannot be written as JSON"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(b) // a browser that has gone away is no failure
}

func writeError(w http.ResponseWriter, status int, message string) {
	writeJSON(w, status, map[string]string{"error": message})
}

// readJSON reads the body of a request.
func readJSON(r *http.Request, into any) error {
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return badRequest("body: must be JSON as the page sends it: " + err.Error())
	}
	return nil
}

// number is a query parameter between 1 and most; by default byDefault.
func number(r *http.Request, name string, byDefault, most int) (int, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return byDefault, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, badRequest(name + " = " + text + ": must be 1 to " + strconv.Itoa(most))
	}
	return n, nil
}
