package console_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/console"
	"ingest-pipeline/local/test/pipelinetest"
)

const (
	// requireBrowser is an environment variable: with it, a test without a browser fails instead of being skipped.
	requireBrowser = "INGEST_PIPELINE_REQUIRE_BROWSER"
	// screenshotFolder is an environment variable: where screenshots are written; empty: none are.
	screenshotFolder = "INGEST_PIPELINE_SCREENSHOTS"
)

// findBrowser skips the test if no Chromium is installed.
func findBrowser(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv(requireBrowser) != "" {
		require.FailNow(t, "no Chromium was found", "%s is set", requireBrowser)
	}
	t.Skip("no Chromium was found: install chromium to run the browser tests")
	return ""
}

// browser is a page of the console in Chromium.
type browser struct {
	*fixture
	ctx context.Context

	mu       sync.Mutex
	messages []string // what the page has written to its console
}

func openBrowser(t testing.TB, f *fixture) *browser {
	t.Helper()
	// The sandbox of Chromium does not work for root, as which containers run.
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(findBrowser(t)))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &browser{fixture: f, ctx: ctx}
	b.do(chromedp.EmulateViewport(1280, 800))
	written := chromedp.Console(ctx)
	go func() {
		for message, err := range written {
			if err != nil {
				return
			}
			b.mu.Lock()
			b.messages = append(b.messages, fmt.Sprint(message))
			b.mu.Unlock()
		}
	}()
	return b
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if b.ctx.Err() == nil && chromedp.FromContext(b.ctx).Target == nil {
		ctx = b.ctx // the first call starts the browser, which ends with its context
	}
	require.NoError(b.t, chromedp.Do(ctx, actions...))
}

// open opens a view.
func (b *browser) open(view string) {
	b.t.Helper()
	b.do(chromedp.Navigate("about:blank"), chromedp.Navigate(b.server.URL()+"#/"+view), chromedp.WaitVisible("#health.good, #health.bad"))
}

// waitFor waits for an expression to be true.
func (b *browser) waitFor(expression string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.Poll[bool](expression))
	require.NoError(b.t, err, "waiting for %s; the page shows\n%s", expression, b.text("body"))
}

func (b *browser) text(selector string) string {
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](fmt.Sprintf("document.querySelector(%q).innerText", selector)))
	if err != nil {
		return err.Error()
	}
	return text
}

// screenshot keeps what the page looks like, if that is wanted.
func (b *browser) screenshot(name string) {
	b.t.Helper()
	folder := os.Getenv(screenshotFolder)
	if folder == "" {
		return
	}
	image, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	require.NoError(b.t, err)
	require.NoError(b.t, os.MkdirAll(folder, 0o755))
	require.NoError(b.t, os.WriteFile(filepath.Join(folder, name+".png"), image, 0o644))
}

const failingGateway = `document.querySelector(".card[data-part=gateway].failing") !== null`

func TestTheConsoleInABrowser(t *testing.T) {
	t.Parallel()
	findBrowser(t)
	b := openBrowser(t, start(t, pipelinetest.Options{
		MaxBufferInterval: time.Second, Settings: map[string]string{"throttle.requestsPerSecond": "100"},
	}))
	b.open("")

	b.waitFor(`document.querySelectorAll(".card").length === 5`)
	for part, want := range map[string]string{"gateway": "/v1/batch", "stream": "of 1,000 ev/s", "delivery": "interval", "bucket": b.Bucket} {
		assert.Contains(t, b.text(".card[data-part="+part+"]"), want)
	}

	b.waitFor(`document.querySelector("#route").options.length === 2`)
	b.do(chromedp.Click("button.primary"))
	b.waitFor(`document.querySelector(".hops")?.innerText.includes("line 1")`)
	b.waitFor(`document.querySelector(".card[data-part=bucket] .newest") !== null`)
	for n := range 12 {
		b.Post(t, b.URL, fmt.Sprintf(`{"n":%d}`, n))
	}
	b.Post(t, b.URL, `no JSON`)
	b.waitFor(`document.querySelectorAll(".requests li").length > 8 && document.querySelectorAll(".arrow.flowing").length > 3`)
	b.screenshot("pipeline")

	b.do(chromedp.SetValue("#event", `{"text":"<img src=x onerror=document.title='interpreted'>"}`), chromedp.Click("button.primary"))
	b.waitFor(`document.querySelector(".hops")?.textContent.includes("onerror") && document.querySelector(".hops").textContent.includes(", line ")`)
	b.do(chromedp.Click(".hops > li:last-child a"))
	b.waitFor(`document.querySelector(".lines .marked")?.innerText.includes("<img src=x onerror")`)
	b.open("records")
	b.waitFor(`document.querySelector(".list")?.innerText.includes("<img src=x onerror")`)
	images, err := chromedp.Run(b.ctx, chromedp.Evaluate[int](`document.querySelectorAll("main img").length`))
	require.NoError(t, err)
	assert.Zero(t, images, "content of events is text")
	title, err := chromedp.Run(b.ctx, chromedp.Title())
	require.NoError(t, err)
	assert.Equal(t, "dev · ingest-pipeline", title)

	b.breakRole()
	b.open("")
	b.waitFor(`document.querySelector("#route").options.length === 2`)
	b.do(chromedp.Click("button.primary"))
	b.waitFor(failingGateway)
	assert.Contains(t, b.text(".card[data-part=gateway] .problem"), "AccessDeniedException")
	assert.Contains(t, b.text(".alerts"), "is not authorized to perform: kinesis:PutRecord")
	assert.Equal(t, "failing", b.text("#health"))
	b.screenshot("broken-role")
	b.repairRole()

	b.showCost()
	b.throttleAndRecover()
	b.mu.Lock()
	defer b.mu.Unlock()
	assert.Empty(t, b.messages, "the page reports errors, such as violations of its policy")
}

// breakRole denies the endpoint's role what it needs, repairRole allows it again.
func (b *browser) breakRole() {
	for _, role := range b.Cloud.IAM.ListRoles() {
		require.NoError(b.t, b.Cloud.IAM.PutRolePolicy(role.Name, "deny",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"kinesis:Put*","Resource":"*"}]}`))
	}
}

func (b *browser) repairRole() {
	for _, role := range b.Cloud.IAM.ListRoles() {
		require.NoError(b.t, b.Cloud.IAM.DeleteRolePolicy(role.Name, "deny"))
	}
}

// showCost has the cost at the current rate drawn.
func (b *browser) showCost() {
	b.open("cost")
	b.waitFor(`document.querySelector(".charges tbody tr") !== null`)
	b.do(chromedp.Evaluate[chromedp.Void](`{
		const region = document.querySelector("main select");
		region.value = "us-east-1";
		region.dispatchEvent(new Event("input"));
	}`))
	b.waitFor(`document.querySelector(".totals")?.innerText.includes("a month at 1 events/s")`)
	assert.Contains(b.t, b.text(".bars"), "Kinesis")
	for range 100 {
		b.Post(b.t, b.BatchURL, `[`+strings.Repeat(`{"n":1},`, 9)+`{"n":1}]`)
	}
	b.waitFor(`[...document.querySelectorAll("main header button")].forEach((button) => button.click()) ||
		Number(document.querySelector("main input").value) > 10`)
	b.waitFor(`document.querySelector(".totals").innerText.includes("a month at " + Math.round(document.querySelector("main input").value).toLocaleString("en") + " events/s")`)
}

// throttleAndRecover switches a fault on and off with the keyboard.
func (b *browser) throttleAndRecover() {
	b.open("faults")
	b.do(chromedp.Focus("#throttle"), chromedp.KeyEvent(" "))
	b.waitFor(`document.querySelector(".banner")?.innerText.includes("the stream throttles every event")`)
	assert.Equal(b.t, http.StatusTooManyRequests, b.Post(b.t, b.URL, `{"n":1}`).Status)
	b.screenshot("fault")
	b.do(chromedp.Focus(".banner button"), chromedp.KeyEvent(kb.Enter))
	b.waitFor(`document.querySelector(".banner") === null && !document.querySelector("#throttle").checked`)
	assert.Equal(b.t, http.StatusOK, b.Post(b.t, b.URL, `{"n":1}`).Status)
}

// fillViews has each view show all kinds of things that it can.
func (f *fixture) fillViews() {
	for range 3 {
		f.Post(f.t, f.URL, `{"n":1}`)
	}
	f.Post(f.t, f.URL, `no JSON`)
	f.Flush(f.t)
	service := f.Cloud.CloudWatch
	_, err := service.PutDashboard("own", `{"widgets":[{"type":"text","properties":{"markdown":"# Orders\n\nof **today**"}},
		{"type":"alarm","properties":{"alarms":["`+service.DescribeAlarms()[0].ARN+`","arn:aws:cloudwatch:r:1:alarm:none"]}},
		{"type":"log","properties":{"region":"r","query":"fields @message"}}]}`)
	require.NoError(f.t, err)
	f.server.SetDeployment(console.Deployment{At: time.Now(), Summary: "1 updated in 1s", Outputs: map[string]string{"url": f.URL}, Resources: []console.Resource{
		{URN: "urn:a", Type: "ingest-pipeline:index:Pipeline", Name: "ingest"},
		{URN: "urn:b", Parent: "urn:a", Type: "aws:kinesis:Stream", Name: "ingest", ID: "class-stream", Change: "updated",
			Differences: []string{"shardCount: 1 => 2"}, Inputs: map[string]any{"shardCount": 2}, Outputs: map[string]any{"arn": "arn:…"}},
	}})
	var now faults
	f.post("/api/faults", faults{LatencyMilliseconds: 10}, &now)
}

const axeHash = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"

func TestEachViewIsAccessibleInLightAndDark(t *testing.T) {
	t.Parallel()
	findBrowser(t)
	axe, err := os.ReadFile(filepath.Join("testdata", "axe", "axe.min.js"))
	require.NoError(t, err)
	sum := sha256.Sum256(axe)
	require.Equal(t, axeHash, hex.EncodeToString(sum[:]))
	f := start(t, pipelinetest.Options{MaxBufferInterval: time.Second})
	f.fillViews()
	b := openBrowser(t, f)
	// By view: what is clicked, and what is there then.
	views := map[string][2]string{
		"": {"button.primary", ".hops"}, "records": {"", ".entry"}, "objects": {"", ".files li"}, "logs": {"", ".log li"},
		"alarms": {"", ".runbook"}, "dashboard": {"", ".graph .chip"}, "templates": {"", "pre"}, "faults": {"", ".fault"},
		"cost": {"", ".charges"}, "resources": {".resources .resources button", "pre"},
	}
	for view, parts := range views {
		click, shown := parts[0], parts[1]
		for _, scheme := range []string{"light", "dark"} {
			_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
			}})
			require.NoError(t, err)
			b.open(view)
			if click != "" {
				b.waitFor(fmt.Sprintf("document.querySelector('main %s') !== null", click))
				b.do(chromedp.Click("main " + click))
			}
			b.waitFor(fmt.Sprintf("document.querySelector('main %s') !== null", shown))
			b.screenshot(strings.Trim("view-"+view+"-"+scheme, "-"))
			b.do(chromedp.Evaluate[chromedp.Void](string(axe)))
			found, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](`axe.run(document, { resultTypes: ["violations"] }).then((r) =>
				r.violations.flatMap((v) => v.nodes.map((n) => v.id + " (" + v.impact + "): " + v.help + ": " + n.html.slice(0, 200) + " " + n.failureSummary)))`, chromedp.EvalAwaitPromise))
			require.NoError(t, err)
			assert.Empty(t, found, "%s, %s", view, scheme)
		}
	}
}
