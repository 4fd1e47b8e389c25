// Package console is the web page of a running local target: the path of the events with live numbers, what each service
// holds, a bench for the mapping templates, and faults to switch on.
//
// The page is plain HTML, CSS and ES modules, embedded, and loads nothing from elsewhere. It talks to this package:
//
//	GET  /                    the page
//	GET  /assets/…            its parts
//	GET  /api/stream          server-sent events: "state" once a second, "request" and others as they happen
//	GET  /api/…               what a part of the page shows, as JSON
//	POST /api/send            sends an event to the endpoint, and follows it
//	POST /api/templates/test  renders the templates of a method
//	POST /api/faults          switches faults
//
// A server on 127.0.0.1 is reached by every web page that a browser of the machine has open. Requests that name another
// host, or come from another site, are refused; what changes something needs a token that only the page has. Content of
// events reaches the page as JSON and is shown as text: the content security policy forbids everything else.
//
// The pipeline never waits for the page. Hooks count with atomic operations; with a page open they also pass on a few
// requests each second, and drop the rest.
package console
