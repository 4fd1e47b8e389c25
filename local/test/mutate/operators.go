package main

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/inspector"
)

// mutate adds the mutants of a file.
func (e *editor) mutate() {
	root := inspector.New([]*ast.File{e.file}).Root()
	root.Inspect(nil, func(cursor inspector.Cursor) bool {
		switch node := cursor.Node().(type) {
		case *ast.ImportSpec, *ast.FuncType, *ast.StructType, *ast.InterfaceType, *ast.ArrayType, *ast.MapType:
			return false
		case *ast.GenDecl:
			// A constant is mutated where it is used.
			return node.Tok != token.CONST && node.Tok != token.TYPE
		case *ast.ExprStmt:
			if isUnseen(node.X) {
				return false
			}
			e.statement(cursor, node)
		case ast.Stmt:
			e.statement(cursor, node)
		case *ast.KeyValueExpr:
			e.field(cursor, node)
		case ast.Expr:
			return !isUnseen(node) && e.expression(cursor, node)
		}
		return true
	})
}

// statement leaves out an assignment, a call, or the call that an if statement checks for its error.
func (e *editor) statement(cursor inspector.Cursor, stmt ast.Stmt) {
	switch cursor.Parent().Node().(type) {
	case *ast.BlockStmt, *ast.CaseClause:
	default:
		return
	}
	switch s := stmt.(type) {
	case *ast.AssignStmt:
		if s.Tok == token.DEFINE {
			return
		}
	case *ast.ExprStmt, *ast.IncDecStmt:
	case *ast.IfStmt:
		if s.Init == nil || s.Else != nil {
			return
		}
	default:
		return
	}
	e.wrap(stmt, 1, "statement left out%.0d", "if !mutant(%d) { ", " }")
}

// field leaves out the value of a field or of a map's key.
func (e *editor) field(cursor inspector.Cursor, pair *ast.KeyValueExpr) {
	value := e.pkg.TypesInfo.Types[pair.Value]
	if value.Value != nil || value.IsNil() || elided(pair.Value) {
		return
	}
	var target types.Type
	literal := cursor.Parent().Node().(*ast.CompositeLit)
	switch t := e.pkg.TypesInfo.TypeOf(literal).Underlying().(type) {
	case *types.Struct:
		if field, ok := e.pkg.TypesInfo.Uses[pair.Key.(*ast.Ident)].(*types.Var); ok {
			target = field.Type()
		}
	case *types.Map:
		target = t.Elem()
	}
	if target == nil || types.Identical(target.Underlying(), types.Typ[types.Bool]) {
		return
	}
	if name := e.typeName(target); name != "" {
		e.wrap(pair.Value, 1, "value left out%.0d", "mutateField["+name+"](%d, ", ")")
	}
}

// expression adds the mutants of an expression, and says whether those of its parts follow.
func (e *editor) expression(cursor inspector.Cursor, expr ast.Expr) bool {
	info := e.pkg.TypesInfo.Types[expr]
	if info.Type == nil || info.IsType() || isKey(cursor) || isCallee(cursor) {
		return !info.IsType()
	}
	if info.Value != nil {
		e.constant(cursor, expr, info)
		return false
	}
	switch node := expr.(type) {
	case *ast.BinaryExpr:
		switch node.Op {
		case token.LAND:
			e.wrap(node.X, 1, "left operand of && ignored%.0d", "(mutant(%d) || ", ")")
			e.wrap(node.Y, 1, "right operand of && ignored%.0d", "(mutant(%d) || ", ")")
		case token.LOR:
			e.wrap(node.X, 1, "left operand of || ignored%.0d", "(!mutant(%d) && ", ")")
			e.wrap(node.Y, 1, "right operand of || ignored%.0d", "(!mutant(%d) && ", ")")
		case token.ADD, token.SUB, token.MUL, token.QUO:
			e.arithmetic(node, info.Type)
		default:
			e.condition(expr, info.Type)
		}
	case *ast.UnaryExpr, *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr, *ast.CallExpr:
		if isOperand(cursor) {
			return true
		}
		e.condition(expr, info.Type)
		e.option(cursor, expr)
	case *ast.CompositeLit:
		e.list(node, info.Type)
	}
	return true
}

// condition inverts a comparison or another expression that is true or false, where its value is used.
func (e *editor) condition(expr ast.Expr, typ types.Type) {
	basic, ok := typ.Underlying().(*types.Basic)
	if !ok || basic.Info()&types.IsBoolean == 0 {
		return
	}
	if name := e.typeName(types.Default(typ)); name != "" {
		e.wrap(expr, 1, "inverted%.0d", "mutateBool["+name+"](%d, ", ")")
	}
}

// arithmetic swaps + with - and * with /.
func (e *editor) arithmetic(node *ast.BinaryExpr, typ types.Type) {
	if basic, ok := typ.Underlying().(*types.Basic); !ok || basic.Info()&types.IsNumeric == 0 {
		return
	}
	name := e.typeName(types.Default(typ))
	if name != "" && e.wrap(node, 1, "operator swapped%.0d", "mutateOperator["+name+"](%d, '"+node.Op.String()+"', ", ")") {
		e.insertions = append(e.insertions, insertion{
			offset: e.pkg.Fset.Position(node.OpPos).Offset, text: ",", replaced: len(node.Op.String()),
		})
	}
}

// constant changes a constant, unless it is text for people or the logical name of a resource, which only golden files
// know.
func (e *editor) constant(cursor inspector.Cursor, expr ast.Expr, info types.TypeAndValue) {
	function := ""
	switch info.Value.Kind() {
	case constant.Bool:
		function = "mutateBool"
	case constant.Int, constant.Float:
		function = "mutateNumber"
	case constant.String:
		if strings.Contains(constant.StringVal(info.Value), " ") || e.isName(cursor) {
			return
		}
		function = "mutateText"
	}
	if name := e.typeName(types.Default(info.Type)); name != "" && function != "" {
		e.wrap(expr, 1, "constant changed%.0d", function+"["+name+"](%d, ", ")")
	}
}

// option leaves out an option of a resource.
func (e *editor) option(cursor inspector.Cursor, expr ast.Expr) {
	call, ok := cursor.Parent().Node().(*ast.CallExpr)
	if !ok || call.Ellipsis.IsValid() && call.Args[len(call.Args)-1] == expr {
		return
	}
	signature, ok := e.pkg.TypesInfo.TypeOf(call.Fun).(*types.Signature)
	if !ok || !signature.Variadic() || slices.Index(call.Args, expr) < signature.Params().Len()-1 {
		return
	}
	options := signature.Params().At(signature.Params().Len() - 1).Type()
	if strings.HasSuffix(types.TypeString(options, nil), "pulumi.ResourceOption") {
		e.wrap(expr, 1, "option left out%.0d", "mutateOption(%d, ", ")")
	}
}

// list leaves out the elements of a list, one at a time. Elements that are constants are mutated as such.
func (e *editor) list(literal *ast.CompositeLit, typ types.Type) {
	if _, ok := typ.Underlying().(*types.Slice); !ok || literal.Type == nil || len(literal.Elts) == 0 {
		return
	}
	if e.pkg.TypesInfo.Types[literal.Elts[0]].Value != nil {
		return
	}
	e.wrap(literal, len(literal.Elts), "element %d left out", "mutateList(%d, ", ")")
}

// elided says whether an expression is a composite literal without its type.
func elided(expr ast.Expr) bool {
	literal, ok := expr.(*ast.CompositeLit)
	return ok && literal.Type == nil
}

// isUnseen says whether an expression registers outputs, which Pulumi's mocks do not show to a test.
func isUnseen(expr ast.Expr) bool {
	call, ok := expr.(*ast.CallExpr)
	if !ok {
		return false
	}
	method, ok := call.Fun.(*ast.SelectorExpr)
	return ok && (method.Sel.Name == "RegisterResourceOutputs" || method.Sel.Name == "Export")
}

func isKey(cursor inspector.Cursor) bool {
	pair, ok := cursor.Parent().Node().(*ast.KeyValueExpr)
	if !ok || pair.Key != cursor.Node() {
		return false
	}
	_, constantKey := pair.Key.(*ast.BasicLit)
	return !constantKey
}

func isCallee(cursor inspector.Cursor) bool {
	switch parent := cursor.Parent().Node().(type) {
	case *ast.CallExpr:
		return parent.Fun == cursor.Node()
	case *ast.SelectorExpr:
		return parent.Sel == cursor.Node()
	}
	return false
}

// isOperand says whether an expression is where only a variable may be, or what ! inverts anyway.
func isOperand(cursor inspector.Cursor) bool {
	switch parent := cursor.Parent().Node().(type) {
	case *ast.AssignStmt:
		return slices.Contains(parent.Lhs, cursor.Node().(ast.Expr))
	case *ast.UnaryExpr:
		return parent.Op == token.AND || parent.Op == token.NOT
	case *ast.RangeStmt:
		return parent.X != cursor.Node()
	}
	return false
}

// isName says whether an expression is in the second argument of a function New…(ctx, name, …).
func (e *editor) isName(cursor inspector.Cursor) bool {
	for c := cursor; c.Node() != nil; c = c.Parent() {
		call, ok := c.Parent().Node().(*ast.CallExpr)
		if !ok {
			if _, binary := c.Parent().Node().(*ast.BinaryExpr); binary {
				continue
			}
			return false
		}
		name := ""
		switch fun := call.Fun.(type) {
		case *ast.Ident:
			name = fun.Name
		case *ast.SelectorExpr:
			name = fun.Sel.Name
		}
		return len(call.Args) > 1 && call.Args[1] == c.Node() && strings.HasPrefix(strings.ToLower(name), "new")
	}
	return false
}
