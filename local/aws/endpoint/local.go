package endpoint

import (
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// isLocal refuses what a web page could do through the browser of the user: requests
// under another host's name (DNS rebinding) or from another site.
func isLocal(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin != "" {
		parsed, err := url.Parse(origin)
		if err != nil || !isLoopback(parsed.Host) {
			return false
		}
	}
	return isLoopback(r.Host)
}

func isLoopback(hostport string) bool {
	host := hostport
	if name, port, err := net.SplitHostPort(hostport); err == nil {
		if _, err := strconv.Atoi(port); err != nil {
			return false
		}
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost")
}
