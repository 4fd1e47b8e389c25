package vtl

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"testing"
	"unicode/utf8"
)

// FuzzTemplate runs any template on any JSON: it must not panic, must end, and must keep its limits.
func FuzzTemplate(f *testing.F) {
	paths, err := filepath.Glob("testdata/velocity/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		_, cases := readCorpus(f, path)
		for i := 0; i < len(cases); i += 7 {
			f.Add(cases[i].template, []byte(cases[i].variables))
		}
	}
	for _, source := range endless {
		f.Add(source, []byte(`{"x": "x"}`))
	}
	f.Add(mapping, []byte(event))
	f.Add(batch, []byte(`[{"id": 1}, null, "\ud800"]`))
	f.Fuzz(func(t *testing.T, source string, data []byte) {
		tmpl, err := Parse("fuzz", source)
		if err != nil {
			checkError(t, err)
			return
		}
		v, err := ParseJSON(data)
		if err != nil {
			v = string(data)
		}
		limits := Limits{Work: 20_000, OutputBytes: 1 << 16, stock: len(data)%2 == 1}
		globals := map[string]Value{"x": v, "l": NewList(v, v), "o": &overrides{}}
		if m, ok := v.(*Map); ok {
			for k, v := range m.All() {
				globals[k.(string)] = v
			}
		}
		out, err := tmpl.Execute(globals, limits)
		if err != nil {
			checkError(t, err)
		}
		if len(out) > 1<<16 {
			t.Fatalf("%d bytes of output", len(out))
		}
	})
}

func checkError(t *testing.T, err error) {
	var located *Error
	if !errors.As(err, &located) || located.Line < 1 || located.Column < 1 {
		t.Fatalf("an error without a place: %v", err)
	}
}

// FuzzJSON parses any bytes: what Go takes for JSON is taken, and is the same when written and parsed again.
func FuzzJSON(f *testing.F) {
	f.Add([]byte(event))
	f.Add([]byte(`[1e5, "\ud83d\ude00", {"a": 1, "a": 2}, 12345678901234567890, 1.2345678901234567890]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := ParseJSON(data)
		if (err == nil) != json.Valid(data) {
			if !json.Valid(data) || len(data) < 900 {
				t.Fatalf("valid for Go: %v, here: %v", json.Valid(data), err)
			}
		}
		if err != nil {
			return
		}
		text := AppendJSON(nil, v)
		if !json.Valid(text) || !utf8.Valid(text) {
			t.Fatalf("wrote %q", text)
		}
		again, err := ParseJSON(text)
		if err != nil {
			t.Fatal(err)
		}
		if s := AppendJSON(nil, again); string(s) != string(text) {
			t.Fatalf("wrote %q, then %q", text, s)
		}
	})
}
