package apigateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dlclark/regexp2"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// schema is a compiled model.
type schema struct {
	compiled *jsonschema.Schema
}

// Models refer to each other by this address: documented (models-mappings).
const modelURL = "https://apigateway.amazonaws.com/restapis/%s/models/%s"

// draft4 is the one draft that models may have: documented (models-mappings).
const draft4 = "http://json-schema.org/draft-04/schema"

// patternTimeout ends a match that backtracks for too long.
const patternTimeout = time.Second

// compileSchema compiles one model of an API.
func compileSchema(apiID, name string, all []Model) (*schema, error) {
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft4)
	compiler.UseLoader(noLoader{})
	compiler.UseRegexpEngine(ecmaPattern)
	compiler.RegisterVocabulary(&jsonschema.Vocabulary{URL: "integer", Compile: compileInteger})
	for _, m := range all {
		document, err := jsonschema.UnmarshalJSON(strings.NewReader(m.Schema))
		if err == nil {
			err = checkDraft(document)
		}
		if err == nil {
			err = compiler.AddResource(fmt.Sprintf(modelURL, apiID, m.Name), document)
		}
		if err != nil {
			return nil, fmt.Errorf("model %s: %w", m.Name, err)
		}
	}
	compiled, err := compiler.Compile(fmt.Sprintf(modelURL, apiID, name))
	if err != nil {
		return nil, err
	}
	return &schema{compiled: compiled}, nil
}

// compileSchemas compiles all models of a deployment, by name.
func compileSchemas(frozen *snapshot) (map[string]*schema, error) {
	schemas := map[string]*schema{}
	for _, m := range frozen.Models {
		compiled, err := compileSchema(m.APIID, m.Name, frozen.Models)
		if err != nil {
			return nil, badRequest("Invalid model specified: %v", err)
		}
		schemas[m.Name] = compiled
	}
	return schemas, nil
}

func checkDraft(document any) error {
	object, ok := document.(map[string]any)
	if !ok {
		return errors.New("it is not a JSON object")
	}
	declared, ok := object["$schema"]
	if !ok {
		return nil
	}
	text, ok := declared.(string)
	if !ok || strings.TrimSuffix(text, "#") != draft4 {
		return fmt.Errorf("$schema is %v, not draft 4 (%s#)", declared, draft4)
	}
	return nil
}

// noLoader refuses to fetch schemas from elsewhere.
type noLoader struct{}

func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("%s is not a model of this API", url)
}

// ecmaPattern compiles a schema's pattern: ECMA 262, which can look ahead and back, unlike Go's.
func ecmaPattern(pattern string) (jsonschema.Regexp, error) {
	compiled, err := regexp2.Compile(pattern, regexp2.ECMAScript)
	if err != nil {
		return nil, err
	}
	compiled.MatchTimeout = patternTimeout
	return ecmaRegexp{compiled}, nil
}

type ecmaRegexp struct{ *regexp2.Regexp }

func (r ecmaRegexp) MatchString(text string) bool {
	matched, err := r.Regexp.MatchString(text)
	return err == nil && matched
}

// compileInteger makes the type integer that of draft 4, a number without fraction and exponent; the validator has that of
// later drafts, to which 1.0 is an integer.
func compileInteger(_ *jsonschema.CompilerContext, object map[string]any) (jsonschema.SchemaExt, error) {
	types, ok := object["type"].([]any)
	if !ok {
		types = []any{object["type"]}
	}
	if !slices.Contains(types, any("integer")) || slices.Contains(types, any("number")) {
		return nil, nil
	}
	names := make([]string, len(types))
	for i, name := range types {
		names[i], _ = name.(string)
	}
	return integerType{names}, nil
}

type integerType struct{ types []string }

func (t integerType) Validate(ctx *jsonschema.ValidatorContext, value any) {
	if typeName(value) == "number" {
		ctx.AddError(&kind.Type{Got: "number", Want: t.types})
	}
}

// typeName is the type of a number, as draft 4 has it: an integer has neither fraction nor exponent. Of other values it is "".
func typeName(value any) string {
	switch v := value.(type) {
	case int64:
		return "integer"
	case float64:
		return "number"
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return "number"
		}
		return "integer"
	default:
		return ""
	}
}
