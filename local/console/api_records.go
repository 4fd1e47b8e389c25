package console

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// searchedRecords is how many of the newest records of a stream are looked through.
	searchedRecords = 10_000
	listedRecords   = 200
	// shownRecordBytes is how much of a record is shown.
	shownRecordBytes = 16 << 10
)

// record is a record of a stream, decoded.
type record struct {
	ShardID        string    `json:"shardId"`
	SequenceNumber string    `json:"sequenceNumber"`
	PartitionKey   string    `json:"partitionKey"`
	Arrived        time.Time `json:"arrived"`
	Bytes          int       `json:"bytes"`
	// Text is the data, or its base64 if it is no text (Binary).
	Text   string `json:"text"`
	Binary bool   `json:"binary"`
	Cut    bool   `json:"cut"`
}

// records are the newest records that match, newest first.
type records struct {
	Records []record `json:"records"`
	// Searched is how many records were looked through, the newest ones.
	Searched int `json:"searched"`
}

func (s *Server) getRecords(r *http.Request) (any, error) {
	query := r.URL.Query()
	newest, err := s.options.Cloud.Kinesis.Newest(query.Get("stream"), searchedRecords)
	if err != nil {
		return nil, err
	}
	shardID, text := query.Get("shard"), query.Get("q")
	found := records{Records: []record{}, Searched: len(newest)}
	for _, k := range slices.Backward(newest) {
		if shardID != "" && k.ShardID != shardID {
			continue
		}
		if text != "" && !bytes.Contains(k.Data, []byte(text)) && !strings.Contains(k.PartitionKey, text) && k.SequenceNumber != text {
			continue
		}
		shown := record{ShardID: k.ShardID, SequenceNumber: k.SequenceNumber, PartitionKey: k.PartitionKey, Arrived: k.ArrivalTime, Bytes: len(k.Data)}
		data := trimNewline(k.Data)
		if shown.Cut = len(data) > shownRecordBytes; shown.Cut {
			data = data[:shownRecordBytes]
		}
		if shown.Text = string(data); !utf8.Valid(data) && !shown.Cut {
			shown.Text, shown.Binary = base64.StdEncoding.EncodeToString(data), true
		}
		if found.Records = append(found.Records, shown); len(found.Records) == listedRecords {
			break
		}
	}
	return found, nil
}
