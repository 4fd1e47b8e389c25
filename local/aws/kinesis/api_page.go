package kinesis

import (
	"encoding/base64"
	"encoding/json"
	"time"

	"ingest-pipeline/local/aws/awserr"
)

// pageToken is what a NextToken says.
type pageToken struct {
	// After is the name or id of the last one on the page before.
	After string
	// Stream, Incarnation and Filter are those of the request for the first page.
	Stream      string       `json:",omitempty"`
	Incarnation uint64       `json:",omitempty"`
	Filter      *shardFilter `json:",omitempty"`
	Issued      int64
}

func (t pageToken) text(now time.Time) string {
	t.Issued = now.UnixMilli()
	b, _ := json.Marshal(t) // texts and numbers can always be written
	return base64.StdEncoding.EncodeToString(b)
}

// parse reads what text wrote. documented (API_ListShards): a token is valid for 300 seconds.
func (t *pageToken) parse(text string, now time.Time) error {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(b, t) != nil || t.Issued == 0 {
		return invalidArgument("NextToken %s is not valid.", text) // the sentence is assumed
	}
	if now.UnixMilli()-t.Issued > iteratorMillis {
		return awserr.New("ExpiredNextTokenException", 400, "NextToken has expired.") // the sentence is assumed
	}
	return nil
}
