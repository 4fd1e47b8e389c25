package firehose

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/kinesis"
)

// Create makes a delivery stream and starts it: at LATEST, or where it was if Dir has a checkpoint of that name from
// an earlier run. It checks what AWS checks and refuses with AWS's sentences.
//
// documented (writing-with-kinesis-streams): Firehose starts reading from the LATEST position of the stream.
func (s *Service) Create(c DeliveryStreamConfig) (arn string, err error) {
	set, err := settingsOf(c)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return "", errClosed
	}
	if s.streams[c.Name] != nil {
		return "", errInUse(s.options.Account, c.Name)
	}
	d := &deliveryStream{
		options: &s.options, name: c.Name, dir: s.dirOf(c.Name), metrics: s.options.metricsOf(c.Name),
		arn: s.options.Account.ARN("firehose", "deliverystream/"+c.Name),
	}
	if err := d.checkDestination(set); err != nil {
		return "", err
	}
	kept, err := readState(d.dir)
	if err != nil {
		return "", err
	}
	if err := d.open(set, kept); err != nil {
		return "", err
	}
	s.streams[c.Name] = d
	go d.run()
	return d.arn, nil
}

// dirOf is the folder of a delivery stream; see Service.dirOf in package kinesis.
func (s *Service) dirOf(name string) string {
	if name[0] == '.' || name[0] == '_' {
		name = "_" + name
	}
	return filepath.Join(s.options.Dir, name)
}

// checkDestination makes sure that the bucket is there and its role can be assumed.
//
// assumed: AWS looks at the role's trust policy but not at its permissions; those show when the first object is put.
func (d *deliveryStream) checkDestination(set *settings) error {
	if _, err := d.assume(set.config.RoleARN, deliverySession); err != nil {
		return errCannotAssume(set.config.RoleARN)
	}
	_, err := d.options.objects.BucketARN(set.bucket)
	return err
}

// open begins to read the source: where kept says, or at LATEST.
func (d *deliveryStream) open(set *settings, kept *state) error {
	c := set.config
	if kept != nil && (kept.Config.StreamARN != c.StreamARN) {
		return fmt.Errorf("opening delivery stream %s: %s is about stream %s", d.name, d.dir, kept.Config.StreamARN)
	}
	caller, err := d.assume(c.SourceRoleARN, sourceSession)
	if err != nil {
		return errCannotAssume(c.SourceRoleARN)
	}
	for _, action := range []string{"kinesis:DescribeStream", "kinesis:ListShards", "kinesis:GetShardIterator"} {
		if err := caller.Authorize(iam.Request{Action: action, Resource: c.StreamARN}); err != nil {
			return errNotAuthorized(c.SourceRoleARN, action, c.StreamARN)
		}
	}
	from := kinesis.Latest
	st := &state{Version: 1, Created: d.options.Clock.Now().UTC()}
	if kept != nil {
		from, st = kept.Position, kept
	}
	if d.reader, err = d.newReader(caller, c.StreamARN, from); err != nil {
		return err
	}
	if kept != nil && !reflect.DeepEqual(kept.Config, c) {
		st.Version++
	}
	// The place is kept before the first record comes, so that a crash does not make it a later one.
	st.Config, st.Position = c, d.reader.Position()
	if err := st.write(d.dir); err != nil {
		return errors.Join(err, d.reader.Close())
	}
	return d.begin(set, st)
}

// newReader reads from a place, or from the beginning if the place is one of a stream that was replaced since.
func (d *deliveryStream) newReader(caller *iam.Session, streamARN string, from kinesis.Position) (*kinesis.Reader, error) {
	r, err := d.options.Kinesis.NewReader(caller, streamARN, from)
	if codeOf(err) == "InvalidArgumentException" {
		return d.options.Kinesis.NewReader(caller, streamARN, kinesis.TrimHorizon)
	}
	return r, err
}

// Update changes a delivery stream, as UpdateDestination does: the version grows by one unless nothing changed. What is
// in the buffer is delivered in the new way.
//
// documented (basic-deliver): every change of the configuration makes a new version. assumed: a change that changes
// nothing does not.
func (s *Service) Update(c DeliveryStreamConfig) error {
	d, err := s.find(c.Name)
	if err != nil {
		return err
	}
	set, err := settingsOf(c)
	if err != nil {
		return err
	}
	if err := d.checkDestination(set); err != nil {
		return err
	}
	return d.ask(func() error { return d.change(set) })
}

// change makes set the configuration; it runs in the delivery stream's goroutine.
func (d *deliveryStream) change(set *settings) error {
	old := d.set.config
	if set.config.StreamARN != old.StreamARN || set.config.SourceRoleARN != old.SourceRoleARN {
		return invalidArgument("The Kinesis stream source of delivery stream %s cannot be changed.", d.name)
	}
	if reflect.DeepEqual(old, set.config) {
		return nil
	}
	st := *d.state
	st.Version++
	st.Config = set.config
	if err := st.write(d.dir); err != nil {
		return err
	}
	d.use(set, &st)
	d.retry = backoff{}
	// The records of the buffer are read again, for the new way of compressing and delimiting them.
	return d.rewind()
}

// Delete stops a delivery stream and forgets how far it got. What is in its buffer is offered to S3 once.
//
// documented (API_DeleteDeliveryStream): no guarantee is made about data that was not delivered yet.
func (s *Service) Delete(name string) error {
	d, err := s.find(name)
	if err != nil {
		return err
	}
	_ = d.ask(func() error {
		if d.buffer.records > 0 {
			d.deliver()
		}
		return nil
	})
	d.stop()
	s.mu.Lock()
	delete(s.streams, name)
	s.mu.Unlock()
	if err := os.RemoveAll(d.dir); err != nil {
		return fmt.Errorf("deleting delivery stream %s: %w", name, err)
	}
	return nil
}

// streamName is the name at the end of a Kinesis stream's ARN.
func streamName(arn string) string {
	_, name, _ := strings.Cut(arn, ":stream/")
	return name
}
