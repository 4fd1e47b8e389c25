package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"go/ast"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// switches are the functions that a mutated program calls.
//
//go:embed switches.go.txt
var switches []byte

// insertion is text that goes into a source file.
type insertion struct {
	offset int
	suffix bool
	text   string
	// replaced is the number of bytes that the text replaces.
	replaced int
}

// editor collects the mutants of one file.
type editor struct {
	pkg        *packages.Package
	file       *ast.File
	name       string // as reported
	lines      []string
	next       *int
	rejected   map[string]bool
	mutants    []mutant
	insertions []insertion
}

// buildPipeline finds the mutants of pipeline/ and builds its tests with all of them.
func buildPipeline(ctx context.Context, root, work string) (*suite, error) {
	dir := filepath.Join(root, "pipeline")
	pkg, err := load(ctx, dir)
	if err != nil {
		return nil, err
	}
	rejected := map[string]bool{}
	for {
		files, mutants, err := mutateProgram(pkg, dir, rejected)
		if err != nil {
			return nil, err
		}
		binary, err := compile(ctx, root, "./pipeline", work, files)
		var invalid *compileError
		switch {
		case err == nil:
			return &suite{
				name: "pipeline", mutants: mutants, binary: binary, dir: dir, args: []string{"-test.failfast", "-golden=false"},
			}, nil
		// A line with a mutant that does not compile, such as one of a constant that has to be one, is left unchanged.
		case errors.As(err, &invalid) && !rejected[invalid.lines[0]]:
			for _, line := range invalid.lines {
				rejected[line] = true
			}
		default:
			return nil, err
		}
	}
}

func load(ctx context.Context, dir string) (*packages.Package, error) {
	pkgs, err := packages.Load(&packages.Config{
		Context: ctx, Dir: dir,
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo,
	}, ".")
	if err != nil {
		return nil, err
	}
	if len(pkgs[0].Errors) > 0 {
		return nil, pkgs[0].Errors[0]
	}
	return pkgs[0], nil
}

// mutateProgram returns the files of a package with all mutants in them.
func mutateProgram(pkg *packages.Package, dir string, rejected map[string]bool) (map[string][]byte, []mutant, error) {
	next := 1
	files := map[string][]byte{filepath.Join(dir, "mutants.go"): switches}
	var mutants []mutant
	for _, file := range pkg.Syntax {
		path := pkg.Fset.Position(file.FileStart).Filename
		source, err := os.ReadFile(path)
		if err != nil {
			return nil, nil, err
		}
		e := &editor{
			pkg: pkg, file: file, name: filepath.Base(path), lines: strings.Split(string(source), "\n"),
			next: &next, rejected: rejected,
		}
		e.mutate()
		files[path] = e.apply(source)
		mutants = append(mutants, e.mutants...)
	}
	return files, mutants, nil
}

// apply inserts the text, outer before inner.
func (e *editor) apply(source []byte) []byte {
	slices.SortStableFunc(e.insertions, func(a, b insertion) int {
		if a.offset != b.offset {
			return a.offset - b.offset
		}
		switch {
		case a.suffix && !b.suffix:
			return -1
		case b.suffix && !a.suffix:
			return 1
		}
		return 0
	})
	var out bytes.Buffer
	at := 0
	for i := 0; i < len(e.insertions); {
		offset := e.insertions[i].offset
		out.Write(source[at:offset])
		at = offset
		end := i
		for end < len(e.insertions) && e.insertions[end].offset == offset {
			end++
		}
		var before, after string
		for _, ins := range e.insertions[i:end] {
			if ins.suffix {
				before = ins.text + before
			} else {
				after += ins.text
			}
			at += ins.replaced
		}
		out.WriteString(before + after)
		i = end
	}
	out.Write(source[at:])
	return out.Bytes()
}

// wrap adds count mutants around a node; prefix has a verb for the id of the first.
func (e *editor) wrap(node ast.Node, count int, what, prefix, suffix string) bool {
	position := e.pkg.Fset.Position(node.Pos())
	line := fmt.Sprintf("%s:%d", e.name, position.Line)
	if e.rejected[line] {
		return false
	}
	first := *e.next
	*e.next += count
	for i := range count {
		text := strings.TrimSpace(e.lines[position.Line-1])
		e.mutants = append(e.mutants, mutant{first + i, "pipeline/" + line, fmt.Sprintf(what, i) + " in: " + text})
	}
	e.insertions = append(e.insertions,
		insertion{offset: position.Offset, text: fmt.Sprintf(prefix, first)},
		insertion{offset: e.pkg.Fset.Position(node.End()).Offset, suffix: true, text: suffix})
	return true
}

// typeName spells a type as this file can, or returns "" where it lacks the import.
func (e *editor) typeName(t types.Type) string {
	missing := false
	name := types.TypeString(t, func(p *types.Package) string {
		if p == e.pkg.Types {
			return ""
		}
		for _, spec := range e.file.Imports {
			if strings.Trim(spec.Path.Value, `"`) == p.Path() {
				if spec.Name != nil {
					return spec.Name.Name
				}
				return p.Name()
			}
		}
		missing = true
		return ""
	})
	if missing || strings.Contains(name, "untyped") {
		return ""
	}
	return name
}
