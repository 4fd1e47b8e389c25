package vtl

import (
	"bufio"
	"encoding/base64"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	osexec "os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// velocityEnv names a command that renders templates with Velocity 1.7, with which the engine is compared on random ones:
// INGEST_PIPELINE_VELOCITY='testdata/record/record.sh --pipe' go test -run Random -random 20000
const velocityEnv = "INGEST_PIPELINE_VELOCITY"

var (
	random = flag.Int("random", 2000, "how many random templates to compare")
	seed   = flag.Uint64("seed", 1, "seed of the random templates")
)

// soup is what templates are made of. What Velocity's lexer garbles is left out, such as a lone $ or # in front of a comment, or a bracket,
// true or a comment behind a #set that follows a reference.
var soup = strings.Split("$x|$x|$l|$m|$m.a|$m.get('a')|$x.length()|$u|$!u|$!{u}|${x}|$u.v|$l[0]|.|..|)|)|\\|\\\\|\\$x|\\$u|\\#if|\\\\#if|"+
	" ##c\n|#* c *#|#** c *#|#[[$x]]#|#if($x)|#if($u)|#if( $x == 'v' )|#else|#{else}|#elseif($x)|#end|#{end}|#end\n|#else \n|#set($s = 1)|#set( $s = $x )\n|#set ($s = \"$x!\")|"+
	"  #set($t = 'q')  \n|#{set}($s = 2)|#foreach($i in $l)|#foreach( $i in [1..2] )|$i|$foreach.index|$velocityCount|#break|#stop|#define($d)|$d|#foo|#foo($x)|#foo( a, $x )|#{foo}|#@foo|# if|#If|\n|\r\n|\r| |\t|  |a|_|-|1|2.5|1..2|"+
	"\"|'|\"$x\"|'$x'|,|:|=|==|!|!$x|&&|and|or|not|+|-|*|/|%|<|>|<=|gt|null|$5|$_|é|€|\\u0041|$x-|$x_|$x.|$x. |$m.a.b|$!m.z|}|\"{\"|\"}", "|")

// expressions is what operands and arguments are made of.
var expressions = strings.Split(`1|2|-3|0|7|2147483647|9223372036854775807|1.5|-0.25|1e3|1.0E10|"a"|'a'|"A b"|''|"$x"|"$u"|"1"|true|false|$x|$s|$e|$u|$n|$d|$big|$dec|$b|$f|$l|$nl|$m|$m.a|$m.list|$z|[1..3]|[3..1]|[]|[1,"a",$x]|{}|{"a":1}|"a,b,,c,,"|"  t "|"ÄÖß"|"😀x"|$l[0]|$l[-1]|$m["a"]|$m.keySet()|$m.entrySet()|"x.y.z"|"aXbXc"|" "|"[aeiou]"|"(.)"|"<$1>"|"$0"|"a"|"b"|","|2|1|3`, "|")

var methods = strings.Split("length isEmpty equals equalsIgnoreCase contains startsWith endsWith indexOf lastIndexOf substring matches replace replaceAll replaceFirst split toLowerCase toUpperCase trim "+
	"concat charAt toString compareTo size get set add addAll remove clear containsAll containsKey containsValue keySet entrySet values put putAll getOrDefault "+
	"intValue longValue doubleValue valueOf parseInt parseLong parseDouble getKey getValue hasNext", " ")

const velocityVariables = `{"x":"v","s":"Hello, World","e":"","n":5,"d":2.5,"big":12345678901234567890,"dec":1.2345678901234567890,"b":true,"f":false,"z":0,
"l":["a","b",3],"nl":[1,[2,[3,null]],{"k":"v"}],"m":{"a":"A","n":null,"list":[1,2],"o":{"p":"q"}}}`

func TestRandomTemplatesRenderAsVelocityRendersThem(t *testing.T) {
	if os.Getenv(velocityEnv) == "" {
		t.Skip("needs Java and Velocity 1.7: " + velocityEnv + " is not set")
	}
	ask := startVelocity(t)
	for name, generate := range map[string]func(*rand.Rand) string{"soup": soupTemplate, "expressions": expressionTemplate, "regular expressions": regexpTemplate} {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(*seed, 2))
			failed := 0
			for range *random {
				template := generate(r)
				if blanksBeforeSet.MatchString(template) {
					continue
				}
				want := ask(template, velocityVariables)
				got := renderLikeVelocity(template, velocityVariables)
				got, want = sameAnyTime(got), sameAnyTime(want)
				if got != want && failed < 25 && got != leftOut {
					failed++
					t.Errorf("template %q\n got %s\nwant %s", template, got, want)
				}
			}
		})
	}
}

// addresses are how Java renders objects that have no text: by class and place in memory.
var addresses = regexp.MustCompile(`[\[\w.$;]+@[0-9a-f]+`)

// otherErrors are Velocity's own, this package's, and what becomes a limit here.
var otherErrors = regexp.MustCompile(`^error "run (org.apache.velocity|template:|java.lang.OutOfMemoryError)`)

// blanksBeforeSet finds blanks between something and a #set on the same line, which Velocity removes behind some references and not
// behind others.
var blanksBeforeSet = regexp.MustCompile(`\S[ \t]+#\{?set`)

// leftOut is the outcome of a template that uses what this package leaves out.
const leftOut = "left out"

// longDoubles are spelt with more digits than needed by Java before 19.
var longDoubles = regexp.MustCompile(`\d\.\d{14,}(E\d+)?`)

// sameAnyTime takes out of a result what depends on the run or version of Java.
func sameAnyTime(s string) string {
	s = addresses.ReplaceAllString(s, "OBJECT")
	if otherErrors.MatchString(s) {
		return "an error that is not Java's"
	}
	return longDoubles.ReplaceAllStringFunc(s, func(n string) string {
		f, _ := strconv.ParseFloat(n, 64)
		return doubleText(f)
	})
}

func soupTemplate(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(12) {
		b.WriteString(soup[r.IntN(len(soup))])
	}
	return b.String()
}

func expressionTemplate(r *rand.Rand) string {
	pick := func(from []string) string { return from[r.IntN(len(from))] }
	var b strings.Builder
	for range 1 + r.IntN(3) {
		switch r.IntN(4) {
		case 0:
			fmt.Fprintf(&b, "#set($r = %s %s %s)$r#if($r)T#{else}F#end ", pick(expressions), pick(strings.Split("+ - * / % == != < > <= >= && || and or eq ne lt gt le ge", " ")), pick(expressions))
		case 1:
			fmt.Fprintf(&b, "#foreach($i in %s)$foreach.count:$i#if($foreach.hasNext),#end#end ", pick(expressions))
		default:
			args := make([]string, r.IntN(3))
			for i := range args {
				args[i] = pick(expressions)
			}
			fmt.Fprintf(&b, "#set($o = %s)$o.%s(%s)|$o|", pick(expressions), pick(methods), strings.Join(args, ", "))
		}
	}
	return b.String()
}

// patterns and subjects are what regular expressions and their inputs are made of.
var (
	patterns = strings.Split(`a|b|c|x|.|[a-c]|[^a]|[a-c&&[^b]]|[ab[x]]|[\\d]|[\\w-]|[]a]|[a-]|\\d|\\w|\\s|\\D|\\W|\\S|\\b|\\B|\\h|\\R|\\.|\\\\|\\-|\\t|\\n|\\x41|\\u0062|\\p{L}|\\p{Lu}|\\P{L}|\\p{Alpha}|\\p{Punct}|\\p{IsLatin}|^|$|\\A|\\z|\\Z|(|)|(?:|(?i)|(?s)|(?m)|(?x)|(?i:|(?=|(?!|(?<=|(?<!|(?>|(?<n>|\\k<n>|\\1|\\2|@|*|+|?|*?|+?|??|*+|++|?+|{2}|{1,2}|{0,}|{2,1}|{|}|]|[|-|,|é|ß|€| |\\Q.*\\E|#c`, "|")
	subjects = strings.Split("a|b|c|ab|abc|aab|x|A|B|1|22| |  |.|-|,|\\|\n|\r\n|_|é|É|ß|€|a,b|(a)", "|")
)

func regexpTemplate(r *rand.Rand) string {
	var pattern, subject strings.Builder
	for range 1 + r.IntN(6) {
		p := patterns[r.IntN(len(patterns))]
		if p == "@" {
			p = "|"
		}
		pattern.WriteString(p)
	}
	for range r.IntN(6) {
		subject.WriteString(subjects[r.IntN(len(subjects))])
	}
	replacement := strings.Split(`-|<$0>|[$1]|\\$|$2|${n}|$10|\\\\|x$`, "|")[r.IntN(9)]
	set := "#set($p = '" + pattern.String() + "')#set($t = '" + subject.String() + "')"
	switch r.IntN(5) {
	case 0:
		return set + "$t.matches($p)"
	case 1:
		return set + "$t.replaceFirst($p, '" + replacement + "')"
	case 2:
		return set + "#foreach($i in $t.split($p, " + strconv.Itoa(r.IntN(4)-1) + "))<$i>#end"
	}
	return set + "$t.replaceAll($p, '" + replacement + "')"
}

// startVelocity starts the recorder and returns a function that asks it.
func startVelocity(t *testing.T) func(template, variables string) string {
	args := strings.Fields(os.Getenv(velocityEnv))
	cmd := osexec.Command(args[0], args[1:]...)
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		assert.NoError(t, in.Close())
		assert.NoError(t, cmd.Wait())
	})
	lines := bufio.NewReader(out)
	return func(template, variables string) string {
		encode := base64.StdEncoding.EncodeToString
		_, err := io.WriteString(in, encode([]byte(template))+" "+encode([]byte(variables))+"\n")
		require.NoError(t, err)
		line, err := lines.ReadString('\n')
		require.NoError(t, err)
		outcome, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		b, err := base64.StdEncoding.DecodeString(text)
		require.NoError(t, err)
		return fmt.Sprintf("%s %q", outcome, b)
	}
}

// renderLikeVelocity renders with this engine and words the outcome as the recorder does.
func renderLikeVelocity(template, variables string) string {
	tmpl, err := Parse("template", template)
	if err != nil {
		return `error "parse"`
	}
	out, err := tmpl.Execute(plainVariables(variables), Limits{stock: true, Iterations: 1 << 30})
	switch {
	case err != nil && regexp.MustCompile("not (emulated|supported)").MatchString(err.Error()):
		return leftOut
	case err != nil:
		return fmt.Sprintf("error %q", "run "+exception(err))
	}
	return fmt.Sprintf("ok %q", out)
}

// exception is the Java exception that an error names.
func exception(err error) string {
	for _, word := range strings.Fields(err.Error()) {
		if strings.HasPrefix(word, "java.") {
			return strings.TrimRight(word, ":")
		}
	}
	return err.Error()
}

// plainVariables parses variables as the recorder does: lists render as [a, b].
func plainVariables(s string) map[string]Value {
	v, err := parseJSON([]byte(s), arrayList)
	if err != nil {
		panic(err)
	}
	vars := map[string]Value{}
	for k, v := range v.(*Map).All() {
		vars[k.(string)] = v
	}
	return vars
}
