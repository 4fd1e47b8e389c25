package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestATemplateIsMutatedOneChangeAtATimeAndStaysValid(t *testing.T) {
	t.Parallel()
	const template = "## a comment with 1\n#if($key == \"a\")\n#set($key = $util.urlEncode($key))\n#end\n{\"k\":\"$key\"}\n"
	got := map[string]int{}
	for _, changed := range mutateTemplate("some.vtl", template) {
		got[changed.text] = changed.line
	}
	assert.Equal(t, 2, got["## a comment with 1\n#if($key != \"a\")\n#set($key = $util.urlEncode($key))\n#end\n{\"k\":\"$key\"}\n"])
	assert.Equal(t, 2, got["## a comment with 1\n#if($key == \"ax\")\n#set($key = $util.urlEncode($key))\n#end\n{\"k\":\"$key\"}\n"])
	assert.Equal(t, 3, got["## a comment with 1\n#if($key == \"a\")\n#set($key = $key)\n#end\n{\"k\":\"$key\"}\n"])
	assert.Equal(t, 3, got["## a comment with 1\n#if($key == \"a\")\n\n#end\n{\"k\":\"$key\"}\n"])
	assert.Equal(t, 5, got["## a comment with 1\n#if($key == \"a\")\n#set($key = $util.urlEncode($key))\n#end\n{\"k\":\"\"}\n"])
	assert.NotContains(t, got, template)
}

func TestAModelIsMutatedByValueAndByKeyword(t *testing.T) {
	t.Parallel()
	got := map[string]bool{}
	for _, changed := range mutateTemplate("some.schema.json", "{ \"type\": \"object\", \"minProperties\": 1 }\n") {
		got[changed.text] = true
	}
	for _, want := range []string{
		"{ \"type\": \"string\", \"minProperties\": 1 }\n", "{ \"type\": \"object\", \"minProperties\": 2 }\n",
		"{  \"minProperties\": 1 }\n", "{ \"type\": \"object\" }\n",
	} {
		assert.Contains(t, got, want)
	}
}

func TestNestedMutantsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	e := &editor{insertions: []insertion{
		{offset: 0, text: "outer("}, {offset: 5, suffix: true, text: ")"},
		{offset: 0, text: "left("}, {offset: 1, suffix: true, text: "]"},
		{offset: 2, text: ",", replaced: 1},
	}}
	assert.Equal(t, "outer(left(a] , b)", string(e.apply([]byte("a + b"))))
}
