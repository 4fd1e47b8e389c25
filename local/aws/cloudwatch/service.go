package cloudwatch

import (
	"errors"
	"path/filepath"
	"sync"

	"github.com/jonboulle/clockwork"

	"ingest-pipeline/local/aws/iam"
)

// Options are what Open needs.
type Options struct {
	// Dir is the folder of alarms, their history and dashboards; it is made if it is missing. Required.
	Dir string
	// Account is whose metrics and alarms these are.
	Account iam.Account
	// Clock stamps metrics and evaluates alarms at the beginning of each minute. Default: the machine's.
	Clock clockwork.Clock
	// OnStateChange, unless nil, is called when an alarm has changed its state, before its actions are executed.
	OnStateChange func(AlarmChange)
	// Publish sends a notification to an SNS topic; its error goes into the alarm's history. nil: every action fails.
	Publish func(Notification) error
	// OnProblem, unless nil, is called when a change of state could not be written: the alarms go on without it.
	OnProblem func(error)
}

// Notification is what an alarm sends to a topic.
type Notification struct {
	// TopicARN is the topic, AlarmARN the alarm that sends.
	TopicARN, AlarmARN string
	// Subject is at most 100 characters; Message is the JSON document that CloudWatch sends to SNS.
	Subject, Message string
}

// Service is CloudWatch of one account. It is safe for concurrent use.
type Service struct {
	options Options
	history *history

	series sync.Map // of seriesKey to *Series
	// putting is held by PutMetricData.
	putting sync.Mutex

	mu         sync.Mutex
	alarms     map[string]*alarm
	dashboards map[string]dashboard

	// evaluating is held while alarms are evaluated or set, so that a change and its actions come one after the other.
	evaluating sync.Mutex
	stop       chan struct{}
	done       chan struct{}
}

// Open opens the folder with the alarms and dashboards that are kept in it, and starts to evaluate alarms.
func Open(options Options) (*Service, error) {
	if options.Dir == "" {
		return nil, errors.New("no folder is given")
	}
	if options.Clock == nil {
		options.Clock = clockwork.NewRealClock()
	}
	s := &Service{
		options: options, alarms: map[string]*alarm{}, dashboards: map[string]dashboard{},
		stop: make(chan struct{}), done: make(chan struct{}),
	}
	if err := s.load(); err != nil {
		return nil, err
	}
	var err error
	s.history, err = openHistory(filepath.Join(options.Dir, historyFile), options.Clock.Now())
	if err != nil {
		return nil, err
	}
	go s.run()
	return s, nil
}

// Close stops the evaluation of alarms, waits for the one that is going on, and closes the history.
func (s *Service) Close() error {
	close(s.stop)
	<-s.done
	return s.history.close()
}

// report reports a failure outside of any call.
func (s *Service) report(err error) {
	if err != nil && s.options.OnProblem != nil {
		s.options.OnProblem(err)
	}
}
