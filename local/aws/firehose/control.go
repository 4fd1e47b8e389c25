package firehose

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/filename"
	"ingest-pipeline/local/aws/kinesis"
	"ingest-pipeline/local/internal/durable"
)

// CreateDeliveryStream creates a delivery stream and starts it at LATEST. It checks what AWS checks and refuses with
// AWS's sentences.
//
// documented (writing-with-kinesis-streams): Firehose starts reading from the LATEST position of the stream.
func (s *Service) CreateDeliveryStream(c DeliveryStreamConfig) (arn string, err error) {
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
	d := s.newDeliveryStream(c.Name)
	if err := d.checkDestination(set); err != nil {
		return "", err
	}
	if err := d.openSource(set); err != nil {
		return "", err
	}
	// The place is kept before the first record comes, so that a crash does not make it a later one.
	st := &state{Version: 1, Created: s.options.Clock.Now().UTC(), Config: c, Position: d.reader.Position()}
	if d.dir, err = s.newFolder(c.Name); err == nil {
		err = st.write(d.dir)
	}
	if err == nil {
		err = d.begin(set, st)
	}
	if err != nil {
		return "", errors.Join(fmt.Errorf("creating delivery stream %s: %w", c.Name, err), d.reader.Close())
	}
	s.streams[c.Name] = d
	go d.run()
	return d.arn, nil
}

// openStreams starts the delivery streams of the folder where they left off. Whether their roles and streams are there
// shows when they read, as for a delivery stream that is running.
func (s *Service) openStreams() error {
	folders, err := os.ReadDir(s.options.Dir)
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if !folder.IsDir() || folder.Name()[0] == '.' {
			continue
		}
		dir := filepath.Join(s.options.Dir, folder.Name())
		st, err := readState(dir)
		if err != nil {
			return err
		}
		if st == nil { // it was not created to the end, or not deleted to the end
			if err := os.RemoveAll(dir); err != nil {
				return err
			}
			continue
		}
		set, err := settingsOf(st.Config)
		if err != nil || s.streams[st.Config.Name] != nil {
			return &durable.DamagedError{Name: stateFile(dir), Err: errors.Join(err, fmt.Errorf("delivery stream %q", st.Config.Name))}
		}
		d := s.newDeliveryStream(st.Config.Name)
		d.dir = dir
		if err := d.begin(set, st); err != nil {
			return err
		}
		s.streams[d.name] = d
		go d.run()
	}
	return nil
}

func (s *Service) newDeliveryStream(name string) *deliveryStream {
	return &deliveryStream{
		options: &s.options, name: name, metrics: s.options.metricsOf(name),
		arn: s.options.Account.ARN("firehose", "deliverystream/"+name),
	}
}

// newFolder makes the folder of a new delivery stream. The state in it says which one it belongs to.
func (s *Service) newFolder(deliveryStream string) (dir string, err error) {
	folders, err := os.ReadDir(s.options.Dir)
	if err != nil {
		return "", err
	}
	dir = filepath.Join(s.options.Dir, filename.New(deliveryStream, func(name string) bool {
		return slices.ContainsFunc(folders, func(folder os.DirEntry) bool { return strings.EqualFold(name, folder.Name()) })
	}))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	return dir, durable.SyncDir(s.options.Dir)
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

// openSource begins to read the source of a new delivery stream, if its role may.
func (d *deliveryStream) openSource(set *settings) error {
	c := set.config
	caller, err := d.assume(c.SourceRoleARN, sourceSession)
	if err != nil {
		return errCannotAssume(c.SourceRoleARN)
	}
	for _, action := range []string{"kinesis:DescribeStream", "kinesis:ListShards", "kinesis:GetShardIterator"} {
		if err := caller.Authorize(iam.Request{Action: action, Resource: c.StreamARN}); err != nil {
			return errNotAuthorized(c.SourceRoleARN, action, c.StreamARN)
		}
	}
	d.reader, err = d.options.Kinesis.NewReader(caller, c.StreamARN, kinesis.Latest)
	return err
}

// reopenSource reads on at the checkpoint, or at the beginning if the stream was replaced since.
func (d *deliveryStream) reopenSource(caller *iam.Session) error {
	r, err := d.options.Kinesis.NewReader(caller, d.set.config.StreamARN, d.state.Position)
	if codeOf(err) == "InvalidArgumentException" {
		r, err = d.options.Kinesis.NewReader(caller, d.set.config.StreamARN, kinesis.TrimHorizon)
	}
	if err != nil {
		return err
	}
	d.reader = r
	if r.Position() != d.state.Position {
		d.checkpoint(r.Position())
	}
	d.lost = losses{since: r.Lost()}
	for i := range d.flushes {
		d.flushes[i].to = r.End()
	}
	return nil
}

// closeSource makes the next poll open the stream again.
func (d *deliveryStream) closeSource() {
	if d.reader != nil {
		_ = d.reader.Close() // nothing was written to it
		d.reader = nil
	}
}

// UpdateDestination changes the destination of a delivery stream: the version grows by one unless nothing changed. What
// is in the buffer is delivered in the new way. Tags are changed, too, as by TagDeliveryStream and
// UntagDeliveryStream; they make no new version.
//
// documented (basic-deliver): every change of the configuration makes a new version. assumed: a change that changes
// nothing does not.
func (s *Service) UpdateDestination(c DeliveryStreamConfig) error {
	d, err := s.find(c.Name)
	if err != nil {
		return err
	}
	return d.edit(func(DeliveryStreamDescription) (DeliveryStreamConfig, error) { return c, nil })
}

// edit puts the configuration into force that change makes of the one there is. Nothing else changes it meanwhile.
func (d *deliveryStream) edit(change func(now DeliveryStreamDescription) (DeliveryStreamConfig, error)) error {
	return d.call(func() error {
		c, err := change(d.describe())
		if err != nil {
			return err
		}
		set, err := settingsOf(c)
		if err != nil {
			return err
		}
		return d.applyConfig(set)
	})
}

// applyConfig puts set into force; it runs in the delivery stream's goroutine.
func (d *deliveryStream) applyConfig(set *settings) error {
	old := d.set.config
	if set.config.StreamARN != old.StreamARN || set.config.SourceRoleARN != old.SourceRoleARN {
		return invalidArgument("The Kinesis stream source of delivery stream %s cannot be changed.", d.name)
	}
	if reflect.DeepEqual(old, set.config) {
		return nil
	}
	st := *d.state
	st.Config = set.config
	old.Tags = set.config.Tags
	destinationChanged := !reflect.DeepEqual(old, set.config)
	if destinationChanged {
		if err := d.checkDestination(set); err != nil {
			return err
		}
		st.Version++
		st.Updated = d.options.Clock.Now().UTC()
	}
	if err := st.write(d.dir); err != nil {
		return err
	}
	d.setConfig(set, &st)
	if !destinationChanged {
		return nil
	}
	d.retry = backoff{}
	// The records of the buffer are read again, for the new way of compressing and delimiting them.
	return d.rewind()
}

// DeleteDeliveryStream deletes a delivery stream with what is in its buffer.
//
// documented (API_DeleteDeliveryStream): no guarantee is made about data that was not delivered yet.
func (s *Service) DeleteDeliveryStream(name string) error {
	d, err := s.find(name)
	if err != nil {
		return err
	}
	d.stop()
	s.mu.Lock()
	delete(s.streams, name)
	s.mu.Unlock()
	err = os.Remove(stateFile(d.dir)) // which deletes it; Open removes what a crash leaves of its folder
	if err == nil {
		err = durable.SyncDir(d.dir)
	}
	if err == nil {
		err = os.RemoveAll(d.dir)
	}
	if err != nil {
		return fmt.Errorf("deleting delivery stream %s: %w", name, err)
	}
	return nil
}

// streamName is the name at the end of a Kinesis stream's ARN.
func streamName(arn string) string {
	_, name, _ := strings.Cut(arn, ":stream/")
	return name
}
