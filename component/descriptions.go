package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"reflect"
	"strconv"
	"strings"
)

// descriptions are the doc comments of types, by their name, and of their fields, by Type.property.
type descriptions map[string]string

// readDescriptions reads the Go files of source.
func readDescriptions(source fs.FS) (descriptions, error) {
	d := descriptions{}
	names, err := fs.Glob(source, "*.go")
	if err != nil {
		return nil, fmt.Errorf("reading the doc comments of the pipeline: %w", err)
	}
	for _, name := range names {
		content, err := fs.ReadFile(source, name)
		if err != nil {
			return nil, fmt.Errorf("reading the doc comments of the pipeline: %w", err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, content, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("reading the doc comments of the pipeline: %w", err)
		}
		ast.Inspect(file, d.add)
	}
	return d, nil
}

func (d descriptions) add(node ast.Node) bool {
	declaration, isDeclaration := node.(*ast.GenDecl)
	if !isDeclaration || declaration.Tok != token.TYPE {
		return true
	}
	for _, s := range declaration.Specs {
		typ := s.(*ast.TypeSpec)
		d[typ.Name.Name] = text(declaration.Doc)
		fields, isStruct := typ.Type.(*ast.StructType)
		if !isStruct {
			continue
		}
		for _, field := range fields.Fields.List {
			if property := propertyName(field); property != "" {
				d[typ.Name.Name+"."+property] = text(field.Doc)
			}
		}
	}
	return false
}

// propertyName is the name in a field's tag; empty without one.
func propertyName(field *ast.Field) string {
	if field.Tag == nil {
		return ""
	}
	tag, err := strconv.Unquote(field.Tag.Value)
	if err != nil {
		return ""
	}
	name, _, _ := strings.Cut(reflect.StructTag(tag).Get("pulumi"), ",")
	return name
}

// text is a comment without its line breaks, which are those of the source.
func text(comment *ast.CommentGroup) string { return strings.Join(strings.Fields(comment.Text()), " ") }
