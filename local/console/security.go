package console

import (
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"
)

// tokenHeader has the token of the page in requests that change something. A page of another site cannot set it.
const tokenHeader = "X-Console-Token"

// contentPolicy lets the page load its own parts and talk to its own server, and makes the browser refuse to interpret
// text as markup (trusted types).
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// guard refuses requests that another web page has made, and sets the headers that every answer has.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if reason := s.refusal(r); reason != "" {
			writeError(w, http.StatusForbidden, reason)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// refusal is why a request is not for the page; empty if it may be. A name other than the loopback address that leads here
// is how a page of another site gets around the same-origin policy (DNS rebinding).
func (s *Server) refusal(r *http.Request) string {
	_, port, _ := strings.Cut(s.host, ":")
	if r.Host != s.host && r.Host != "localhost:"+port {
		return "Host: must be " + s.host
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		if from, err := url.Parse(origin); err != nil || from.Scheme != "http" || from.Host != r.Host {
			return "Origin: must be http://" + r.Host
		}
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin":
		return ""
	case "none", "cross-site", "same-site":
		// A link or an address that was typed leads to the page, and to nothing else.
		if r.Method == http.MethodGet && r.URL.Path == "/" && r.Header.Get("Sec-Fetch-Mode") == "navigate" {
			return ""
		}
	}
	return "Sec-Fetch-Site: the request comes from another site"
}

// requireToken refuses requests without the page's token.
func (s *Server) requireToken(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get(tokenHeader)), []byte(s.token)) != 1 {
			writeError(w, http.StatusForbidden, tokenHeader+": must be the token of the page; reload it")
			return
		}
		if mediaType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); mediaType != "application/json" {
			writeError(w, http.StatusUnsupportedMediaType, "Content-Type: must be application/json")
			return
		}
		next.ServeHTTP(w, r)
	})
}
