package protocol

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/awserr"
)

type nested struct {
	Key    *string
	Number *int64
}

type input struct {
	Name    *string
	Count   *int
	Ratio   *float64
	On      *bool
	Data    []byte
	At      *time.Time
	List    []string
	Nested  *nested
	Entries []nested `aws:",flat"`
	Tags    map[string]string
}

type output struct {
	Name    string
	Missing *string
	Data    []byte
	At      time.Time
	Text    time.Time `aws:",iso"`
	List    []string
	Entries []nested `aws:",list=entry"`
	Tags    map[string]string
	Ratio   float64
}

// service has one action, which answers with out or err and notes its input.
func service(got *input, out *output, err error) Service {
	return Service{
		Name: "things", Target: "Things_2026", CBOR: "Things", Version: "2026-01-01", Namespace: "urn:things",
		Actions: []Action{Handle("Do", func(_ context.Context, _ *Call, in *input) (*output, error) {
			*got = *in
			return out, err
		})},
	}
}

// send answers a request with the service.
func send(s Service, method, target, body string, header map[string]string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for name, value := range header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	x, err := New(s).Read(w, r, "id-1", []byte(body))
	if err != nil {
		x.Refuse(err)
		return w
	}
	x.Serve(context.Background(), &Call{RequestID: "id-1"})
	return w
}

var (
	asJSON = map[string]string{"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "Things_2026.Do"}
	asForm = map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	asCBOR = map[string]string{"Content-Type": "application/cbor", "Smithy-Protocol": "rpc-v2-cbor"}
)

func pointer[T any](value T) *T { return &value }

func TestEveryProtocolReadsTheSameInput(t *testing.T) {
	want := input{
		Name: pointer("a"), Count: pointer(2), Ratio: pointer(0.5), On: pointer(true), Data: []byte("hi"),
		At: pointer(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)), List: []string{"x", "y"},
		Nested: &nested{Key: pointer("k"), Number: pointer(int64(7))}, Entries: []nested{{Key: pointer("e")}}, Tags: map[string]string{"t": "u"},
	}
	cbor := writeCBOR(map[string]any{
		"Name": "a", "Count": 2, "Ratio": 0.5, "On": true, "Data": []byte("hi"), "At": *want.At, "List": []string{"x", "y"},
		"Nested": map[string]any{"Key": "k", "Number": 7}, "Entries": []any{map[string]any{"Key": "e"}}, "Tags": map[string]any{"t": "u"}, "Other": 1,
	})
	for name, c := range map[string]struct {
		target, body string
		header       map[string]string
	}{
		"JSON": {"/", `{"Name":"a","Count":2,"Ratio":0.5,"On":true,"Data":"aGk=","At":1767323045,"List":["x","y"],
			"Nested":{"Key":"k","Number":7},"Entries":[{"Key":"e"}],"Tags":{"t":"u"},"Other":1,"Missing":null}`, asJSON},
		"Query": {"/", "Action=Do&Version=2026-01-01&Name=a&Count=2&Ratio=0.5&On=true&Data=aGk%3D&At=2026-01-02T03%3A04%3A05Z&List.member.2=y&List.member.1=x" +
			"&Nested.Key=k&Nested.Number=7&Entries.1.Key=e&Tags.entry.1.key=t&Tags.entry.1.value=u&Other=1", asForm},
		"CBOR": {"/service/Things/operation/Do", string(cbor), asCBOR},
	} {
		t.Run(name, func(t *testing.T) {
			var got input
			w := send(service(&got, &output{}, nil), "POST", c.target, c.body, c.header)
			require.Equal(t, 200, w.Code, w.Body)
			assert.Equal(t, want, got)
		})
	}
}

func TestEveryProtocolWritesAnOutput(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	out := &output{
		Name: `a"<é`, Data: []byte("hi"), At: at, Text: at, List: []string{}, Entries: []nested{{Number: pointer(int64(1))}},
		Tags: map[string]string{"b": "2", "a": "1"}, Ratio: 1.5,
	}
	w := send(service(&input{}, out, nil), "POST", "/", "{}", asJSON)
	assert.Equal(t, `{"Name":"a\"<é","Data":"aGk=","At":1767323045.678,"Text":"2026-01-02T03:04:05.678Z","List":[],`+
		`"Entries":[{"Number":1}],"Tags":{"a":"1","b":"2"},"Ratio":1.5}`, w.Body.String())
	assert.Equal(t, "application/x-amz-json-1.1", w.Header().Get("Content-Type"))
	assert.Equal(t, "id-1", w.Header().Get("X-Amzn-Requestid"))

	w = send(service(&input{}, out, nil), "POST", "/", "Action=Do", asForm)
	assert.Equal(t, `<DoResponse xmlns="urn:things"><DoResult><Name>a&#34;&lt;é</Name><Data>aGk=</Data><At>2026-01-02T03:04:05.678Z</At>`+
		`<Text>2026-01-02T03:04:05.678Z</Text><List></List><Entries><entry><Number>1</Number></entry></Entries>`+
		`<Tags><entry><key>a</key><value>1</value></entry><entry><key>b</key><value>2</value></entry></Tags><Ratio>1.5</Ratio></DoResult>`+
		`<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></DoResponse>`, w.Body.String())

	w = send(service(&input{}, out, nil), "POST", "/service/Things/operation/Do", "", asCBOR)
	assert.Equal(t, "rpc-v2-cbor", w.Header().Get("Smithy-Protocol"))
	members, err := readCBOR(w.Body.Bytes())
	require.NoError(t, err)
	assert.WithinDuration(t, at, members["At"].(time.Time), time.Millisecond)
	assert.Equal(t, []byte("hi"), members["Data"])
	assert.NotContains(t, members, "Missing")
}

func TestEveryProtocolWritesAnError(t *testing.T) {
	refused := awserr.New("AccessDeniedException", 400, "User is not authorized")
	for name, c := range map[string]struct {
		target, body string
		header       map[string]string
		err          error
		status       int
		want         string
	}{
		"JSON":             {"/", "{}", asJSON, refused, 400, `{"__type":"AccessDeniedException","Message":"User is not authorized"}`},
		"JSON, a failure":  {"/", "{}", asJSON, errors.New("secret"), 500, `{"__type":"InternalFailure"}`},
		"Query":            {"/", "Action=Do", asForm, refused, 403, "<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User is not authorized</Message></Error><RequestId>id-1</RequestId>"},
		"Query, a failure": {"/", "Action=Do", asForm, errors.New("secret"), 500, "<Type>Receiver</Type><Code>InternalFailure</Code>"},
		"CBOR":             {"/service/Things/operation/Do", "", asCBOR, refused, 400, "AccessDeniedException"},
		"no protocol":      {"/", "", nil, nil, 403, "<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be authorized</Message>\n</AccessDeniedException>\n"},
	} {
		t.Run(name, func(t *testing.T) {
			w := send(service(&input{}, &output{}, c.err), "POST", c.target, c.body, c.header)
			assert.Equal(t, c.status, w.Code)
			assert.Contains(t, w.Body.String(), c.want)
			assert.NotContains(t, w.Body.String(), "secret")
		})
	}
}

func TestABodyThatCannotBeReadIsRefused(t *testing.T) {
	truncated := writeCBOR(map[string]any{"Name": "abcdef"})
	deep := strings.Repeat("\x81", 100) + "\x01"
	for name, c := range map[string]struct {
		target, body string
		header       map[string]string
		status       int
		want         string
	}{
		"no body":             {"/", "", asJSON, 400, `{"__type":"SerializationException"}`},
		"truncated JSON":      {"/", `{"Name":"a`, asJSON, 400, `{"__type":"SerializationException"}`},
		"two documents":       {"/", `{}{}`, asJSON, 400, `{"__type":"SerializationException"}`},
		"a list":              {"/", `[]`, asJSON, 400, `{"__type":"SerializationException"}`},
		"truncated CBOR":      {"/service/Things/operation/Do", string(truncated[:len(truncated)-2]), asCBOR, 400, "SerializationException"},
		"deep CBOR":           {"/service/Things/operation/Do", "\xa1\x61a" + deep, asCBOR, 400, "SerializationException"},
		"CBOR, another type":  {"/service/Things/operation/Do", string(writeCBOR(map[string]any{"Name": 1})), asCBOR, 400, "can not be converted to an String"},
		"no target":           {"/", "{}", map[string]string{"Content-Type": "application/x-amz-json-1.1"}, 400, `{"__type":"UnknownOperationException"}`},
		"an unknown action":   {"/", "{}", map[string]string{"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "Things_2026.Dance"}, 400, "The action Dance of things is not offered by the local target, only Do."},
		"another service":     {"/", "{}", map[string]string{"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "Others_2026.Do"}, 400, "The action Do of things"},
		"Query, unknown":      {"/", "Action=Dance", asForm, 400, "<Code>InvalidAction</Code>"},
		"Query, none":         {"/", "a=b", asForm, 400, "<Code>MissingAction</Code>"},
		"Query, not a number": {"/", "Action=Do&Count=x", asForm, 400, "x&#39; can not be converted to an Integer"},
		"Query, a huge name":  {"/", "Action=Do&" + strings.Repeat("a.", 100000) + "b=1", asForm, 200, "DoResponse"},
	} {
		t.Run(name, func(t *testing.T) {
			w := send(service(&input{}, &output{}, nil), "POST", c.target, c.body, c.header)
			assert.Equal(t, c.status, w.Code)
			assert.Contains(t, w.Body.String(), c.want, hex.EncodeToString(w.Body.Bytes()))
		})
	}
}

// recorded (mhart/kinesalite test/helpers.js, assertType).
func TestAValueOfAnotherTypeIsRefusedInAWSsWords(t *testing.T) {
	const (
		list      = "Start of list found where not expected"
		structure = "Start of structure or map found where not expected."
		number    = "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to "
	)
	for member, values := range map[string]map[string]string{
		"On":     {`"23"`: "'23' can not be converted to an Boolean", `23`: number + "an Boolean", `[]`: list, `{}`: structure},
		"Name":   {`true`: "class java.lang.Boolean can not be converted to an String", `-2147483648`: number + "an String", `34.56`: number + "an String", `[]`: list, `{}`: structure},
		"Count":  {`"23"`: "class java.lang.String can not be converted to an Integer", `true`: "class java.lang.Boolean can not be converted to an Integer", `[]`: list, `{}`: structure},
		"Data":   {`true`: "class java.lang.Boolean can not be converted to a Blob", `23`: number + "a Blob", `[]`: list, `{}`: structure, `"23456"`: "'23456' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 5", `"=+/="`: "'=+/=' can not be converted to a Blob: Invalid Base64 character: '='", `"+/+="`: "'+/+=' can not be converted to a Blob: Invalid last non-pad Base64 character dectected"},
		"List":   {`"23"`: "Expected list or null", `true`: "Expected list or null", `34.56`: "Expected list or null", `{}`: structure},
		"Tags":   {`"23"`: "Expected map or null", `23`: "Expected map or null", `[]`: list},
		"Nested": {`"23"`: "Expected null", `true`: "Expected null", `34.56`: "Expected null", `[]`: list},
	} {
		for value, want := range values {
			w := send(service(&input{}, &output{}, nil), "POST", "/", `{"`+member+`":`+value+`}`, asJSON)
			assert.Equal(t, 400, w.Code, "%s %s", member, value)
			assert.JSONEq(t, `{"__type":"SerializationException","Message":"`+want+`"}`, w.Body.String(), "%s %s", member, value)
		}
	}
}
