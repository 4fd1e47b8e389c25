package vtl

import (
	"encoding/base64"
	"testing"
)

// mapping is a template of the kind that a gateway renders for each request.
const mapping = `## One event to Kinesis.
#set( $enter = "
")
#set( $event = $input.json('$') )
#set( $line = "$event$enter" )
#set( $key = $input.params('X-Key') )
#if( !$key || $key == "" )
#set( $key = $context.extendedRequestId )
#end
#if( $key.length() > 256 )
#set( $key = $key.substring(0, 256) )
#end
#if( $key.matches("[A-Za-z0-9=_-]+") )
#set( $safe = $key )
#else
#set( $safe = $util.base64Encode($key) )
#end
{
  "StreamName": "$stageVariables.stream",
  "PartitionKey": "$safe",
  "Data": "$util.base64Encode($line)"
}
`

// batch renders a list of 100 events.
const batch = `#set($records = $input.path('$'))
{"StreamName": "s", "Records": [
#foreach($r in $records)
{"PartitionKey": "$context.extendedRequestId-$foreach.index", "Data": "$util.base64Encode("$r.id")"}#if($foreach.hasNext),#end

#end
]}`

// fakeObject stands in for what the gateway makes.
type fakeObject struct {
	properties map[string]Value
	methods    map[string]func(args []Value) (Value, error)
}

func (o *fakeObject) Property(name string) (Value, bool) {
	v, ok := o.properties[name]
	return v, ok
}

func (o *fakeObject) Call(method string, args []Value) (Value, error) {
	if m, ok := o.methods[method]; ok {
		return m(args)
	}
	return nil, ErrNoMethod
}

func (o *fakeObject) Set(name string, v Value) error {
	o.properties[name] = v
	return nil
}

func gatewayGlobals(body string) map[string]Value {
	root, err := ParseJSON([]byte(body))
	if err != nil {
		panic(err)
	}
	return map[string]Value{
		"input": &fakeObject{methods: map[string]func([]Value) (Value, error){
			"json":   func([]Value) (Value, error) { return string(AppendJSON(nil, root)), nil },
			"path":   func([]Value) (Value, error) { return root, nil },
			"params": func([]Value) (Value, error) { return "", nil },
		}},
		"util": &fakeObject{methods: map[string]func([]Value) (Value, error){
			"base64Encode": func(args []Value) (Value, error) {
				return base64.StdEncoding.EncodeToString([]byte(String(args[0]))), nil
			},
		}},
		"context":        &fakeObject{properties: map[string]Value{"extendedRequestId": "UBuxiEZSIAMFQ1Q="}},
		"stageVariables": &fakeObject{properties: map[string]Value{"stream": "class-stream"}},
	}
}

const event = `{"user":"joe","action":"click","at":1700000000,"tags":["a","b"],"place":{"x":1.5,"y":2}}`

func BenchmarkRender(b *testing.B) {
	events := "[" + event
	for range 99 {
		events += "," + event
	}
	for name, c := range map[string]struct{ template, body string }{
		"event": {mapping, event}, "batch of 100": {batch, events + "]"}, "text": {"{\"statusCode\": 200}", "{}"},
	} {
		b.Run(name, func(b *testing.B) {
			t, err := Parse("bench", c.template)
			if err != nil {
				b.Fatal(err)
			}
			globals := gatewayGlobals(c.body)
			var out []byte
			b.ReportAllocs()
			for b.Loop() {
				if out, err = t.AppendExecute(out[:0], globals, Limits{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("bench", mapping); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseJSON(b *testing.B) {
	data := []byte(event)
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := ParseJSON(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	v, err := ParseJSON([]byte(event))
	if err != nil {
		b.Fatal(err)
	}
	var out []byte
	b.ReportAllocs()
	for b.Loop() {
		out = AppendJSON(out[:0], v)
	}
}
