package console

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"ingest-pipeline/local/aws/apigateway"
	"ingest-pipeline/local/aws/cloudwatch"
	"ingest-pipeline/local/aws/firehose"
)

// state is the event path with live numbers. Rates are per second.
type state struct {
	Now             time.Time             `json:"now"`
	Gateways        []gatewayState        `json:"gateways"`
	Streams         []streamState         `json:"streams"`
	DeliveryStreams []deliveryStreamState `json:"deliveryStreams"`
	Buckets         []bucketState         `json:"buckets"`
	Alarms          []alarmState          `json:"alarms"`
	Faults          faultSwitches         `json:"faults"`
	Deployment      *deploymentSummary    `json:"deployment"`
}

type gatewayState struct {
	APIID   string       `json:"apiId"`
	Name    string       `json:"name"`
	Stage   string       `json:"stage"`
	URL     string       `json:"url"`
	Routes  []routeState `json:"routes"`
	Problem *problem     `json:"problem"`
}

type routeState struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	// Rates are per second, Totals since the start of the local target.
	Rates  responseCounts `json:"rates"`
	Totals responseCounts `json:"totals"`
}

type responseCounts struct {
	OK           float64 `json:"ok"`
	ClientErrors float64 `json:"clientErrors"`
	Throttled    float64 `json:"throttled"`
	ServerErrors float64 `json:"serverErrors"`
}

type streamState struct {
	Name           string       `json:"name"`
	Mode           string       `json:"mode"`
	RetentionHours int          `json:"retentionHours"`
	Shards         []shardState `json:"shards"`
}

type shardState struct {
	ID      string  `json:"id"`
	Open    bool    `json:"open"`
	Records float64 `json:"records"`
	Bytes   float64 `json:"bytes"`
	Total   int64   `json:"total"`
}

type deliveryStreamState struct {
	Name            string `json:"name"`
	Stream          string `json:"stream"`
	Bucket          string `json:"bucket"`
	BufferRecords   int    `json:"bufferRecords"`
	BufferBytes     int    `json:"bufferBytes"`
	LimitBytes      int    `json:"limitBytes"`
	IntervalSeconds int    `json:"intervalSeconds"`
	// Since is when the first record of the buffer was read, Due when it will be delivered; nil for an empty buffer.
	Since *time.Time `json:"since"`
	Due   *time.Time `json:"due"`
	Fault *fault     `json:"fault"`
}

type fault struct {
	Code    string     `json:"code"`
	Message string     `json:"message"`
	RetryAt *time.Time `json:"retryAt"`
}

type bucketState struct {
	Name string `json:"name"`
	// Newest are the newest objects, newest first.
	Newest []objectState `json:"newest"`
}

type objectState struct {
	Key     string    `json:"key"`
	Bytes   int64     `json:"bytes"`
	Records int       `json:"records,omitempty"`
	At      time.Time `json:"at"`
}

type alarmState struct {
	Name   string    `json:"name"`
	State  string    `json:"state"`
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
	// Part is what the alarm watches: "gateway", "stream", "delivery" or "".
	Part string `json:"part"`
}

func (s *Server) getState(*http.Request) (any, error) {
	return s.state(newRates(s.options.Monitor)), nil
}

func (s *Server) state(r *rates) state {
	r.update()
	state := state{
		Now: s.options.Cloud.Clock.Now(), Gateways: s.gateways(r), Streams: s.streams(r), DeliveryStreams: s.deliveryStreams(),
		Buckets: s.buckets(), Alarms: s.alarms(), Faults: switchesOf(s.options.Cloud.Faults()),
	}
	if d := s.deployment.Load(); d != nil {
		summary := d.summary()
		state.Deployment = &summary
	}
	return state
}

func (s *Server) gateways(r *rates) []gatewayState {
	gateways := []gatewayState{}
	service, m := s.options.Cloud.APIGateway, s.options.Monitor
	for _, api := range service.GetRestAPIs() {
		stages, err := service.GetStages(api.ID)
		if err != nil {
			continue // deleted a moment ago
		}
		for _, stage := range stages {
			g := gatewayState{APIID: api.ID, Name: api.Name, Stage: stage.Name, URL: service.InvokeURL(api.ID, stage.Name), Routes: []routeState{}}
			for _, method := range s.methods(api.ID) {
				key := route{api.ID, stage.Name, method.HTTPMethod, method.path}
				g.Routes = append(g.Routes, r.route(key))
			}
			if other := r.elsewhere(api.ID, stage.Name); other.Totals != (responseCounts{}) {
				g.Routes = append(g.Routes, other)
			}
			g.Problem = m.problemOf("api " + api.ID)
			gateways = append(gateways, g)
		}
	}
	return gateways
}

// method is a method of an API with its path.
type method struct {
	apigateway.MethodParts
	path string
}

// methods are the methods of an API, by path. Those that answer preflights come last.
func (s *Server) methods(apiID string) []method {
	service := s.options.Cloud.APIGateway
	resources, err := service.GetResources(apiID)
	if err != nil {
		return nil
	}
	paths := map[string]string{}
	for _, r := range resources {
		paths[r.ID] = r.Path
	}
	parts, err := service.GetMethods(apiID)
	if err != nil {
		return nil
	}
	methods := make([]method, len(parts))
	for i, p := range parts {
		methods[i] = method{p, paths[p.ResourceID]}
	}
	slices.SortFunc(methods, func(a, b method) int {
		if x, y := a.HTTPMethod == http.MethodOptions, b.HTTPMethod == http.MethodOptions; x != y {
			if x {
				return 1
			}
			return -1
		}
		return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.HTTPMethod, b.HTTPMethod))
	})
	return methods
}

// problemAge is how long a problem is shown after it was last seen.
const problemAge = 30 * time.Second

func (m *Monitor) problemOf(part string) *problem {
	m.mu.Lock()
	defer m.mu.Unlock()
	p, ok := m.problems[part]
	if !ok || m.clock.Since(p.At) > problemAge {
		return nil
	}
	return &p
}

func (s *Server) streams(r *rates) []streamState {
	streams := []streamState{}
	for _, name := range s.options.Cloud.Kinesis.ListStreams() {
		d, err := s.options.Cloud.Kinesis.DescribeStream(name)
		if err != nil {
			continue // deleted a moment ago
		}
		stream := streamState{Name: name, Mode: d.Mode, RetentionHours: d.RetentionHours, Shards: []shardState{}}
		for _, described := range d.Shards {
			state := r.shard(shard{name, described.ID})
			state.ID, state.Open = described.ID, described.Open()
			if state.Open || state.Records > 0 {
				stream.Shards = append(stream.Shards, state)
			}
		}
		streams = append(streams, stream)
	}
	return streams
}

// Defaults of Firehose's buffer: documented (API_BufferingHints).
const (
	defaultBufferMiB      = 5
	defaultBufferInterval = 300
)

func (s *Server) deliveryStreams() []deliveryStreamState {
	streams := []deliveryStreamState{}
	for _, name := range s.options.Cloud.Firehose.ListDeliveryStreams() {
		d, err := s.options.Cloud.Firehose.DescribeDeliveryStream(name)
		if err != nil {
			continue // deleted a moment ago
		}
		state := deliveryStreamState{
			Name: name, Stream: lastPart(d.Config.StreamARN), Bucket: bucketName(d.Config),
			BufferRecords: d.BufferRecords, BufferBytes: d.BufferBytes,
			LimitBytes: defaultBufferMiB << 20, IntervalSeconds: defaultBufferInterval,
		}
		if d.Config.BufferSizeMiB != nil && d.Config.BufferIntervalSeconds != nil {
			state.LimitBytes, state.IntervalSeconds = *d.Config.BufferSizeMiB<<20, *d.Config.BufferIntervalSeconds
		}
		if most := int(s.options.MaxBufferInterval.Seconds()); most > 0 {
			state.IntervalSeconds = min(state.IntervalSeconds, most)
		}
		s.options.Monitor.addDelivery(&state)
		streams = append(streams, state)
	}
	return streams
}

// addDelivery adds what the monitor knows of a delivery stream.
func (m *Monitor) addDelivery(state *deliveryStreamState) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if b, ok := m.buffers[state.Name]; ok && state.BufferRecords > 0 {
		state.Since, state.Due = &b.since, &b.Due
	}
	if f, ok := m.faults[state.Name]; ok {
		state.Fault = &fault{Code: f.ErrorCode, Message: f.Message}
		if !f.RetryAt.IsZero() {
			state.Fault.RetryAt = &f.RetryAt
		}
	}
}

func lastPart(arn string) string { return arn[strings.LastIndexAny(arn, ":/")+1:] }

func bucketName(c firehose.DeliveryStreamConfig) string { return lastPart(c.BucketARN) }

// newestObjects is how many objects the event path shows.
const newestObjects = 6

func (s *Server) buckets() []bucketState {
	buckets := []bucketState{}
	for _, name := range s.options.Cloud.S3.ListBuckets() {
		s.lookUpObjects(name)
		buckets = append(buckets, bucketState{Name: name, Newest: s.options.Monitor.newestObjects(name)})
	}
	return buckets
}

// lookUpObjects finds the newest objects that were there before the monitor was.
func (s *Server) lookUpObjects(bucket string) {
	if _, done := s.objects.LoadOrStore(bucket, true); done {
		return
	}
	objects, err := s.options.Cloud.S3.Objects(bucket, "")
	if err != nil {
		return
	}
	slices.SortStableFunc(objects, func(a, b objectInfo) int { return a.LastModified.Compare(b.LastModified) })
	s.options.Monitor.addObjects(bucket, objects[max(0, len(objects)-newestObjects):])
}

func (m *Monitor) addObjects(bucket string, objects []objectInfo) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var earlier []delivery
	for _, o := range objects {
		if !slices.ContainsFunc(m.delivered, func(d delivery) bool { return d.Bucket == bucket && d.Key == o.Key }) {
			earlier = append(earlier, delivery{firehose.Delivered{Bucket: bucket, Key: o.Key, ObjectBytes: int(o.Size)}, o.LastModified})
		}
	}
	m.delivered = append(earlier, m.delivered...)
}

func (m *Monitor) newestObjects(bucket string) []objectState {
	m.mu.Lock()
	defer m.mu.Unlock()
	newest := []objectState{}
	for _, d := range slices.Backward(m.delivered) {
		if d.Bucket == bucket && len(newest) < newestObjects {
			newest = append(newest, objectState{Key: d.Key, Bytes: int64(d.ObjectBytes), Records: d.Records, At: d.at})
		}
	}
	return newest
}

func (s *Server) alarms() []alarmState {
	alarms := []alarmState{}
	for _, a := range s.options.Cloud.CloudWatch.DescribeAlarms() {
		alarms = append(alarms, alarmState{Name: a.Name, State: a.State, Reason: a.Reason, Since: a.StateChanged, Part: partOf(a.Alarm)})
	}
	return alarms
}

// partOf is the part of the event path that an alarm watches: that of its last metric.
func partOf(a cloudwatch.Alarm) string {
	namespace, group := a.Namespace, a.Dimensions["LogGroupName"]
	for _, q := range a.Metrics {
		if q.Stat != nil {
			namespace, group = q.Stat.Namespace, q.Stat.Dimensions["LogGroupName"]
		}
	}
	switch {
	case namespace == "AWS/Kinesis":
		return "stream"
	case namespace == "AWS/Firehose", strings.HasPrefix(group, "/aws/kinesisfirehose/"):
		return "delivery"
	case namespace == "AWS/ApiGateway", !strings.HasPrefix(namespace, "AWS/"):
		return "gateway"
	}
	return ""
}
