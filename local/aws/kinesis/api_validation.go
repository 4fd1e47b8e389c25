package kinesis

import (
	"fmt"
	"strconv"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/constraint"
)

// violations are the constraints that a request does not satisfy.
type violations struct{ constraint.Violations }

func (v *violations) err() error { return v.Err("ValidationException") }

// The constraints of members, in AWS's words.
const (
	namePattern   = "[a-zA-Z0-9_.-]+"
	maxNameLength = 128
)

func notShorter(n int) string {
	return "Member must have length greater than or equal to " + strconv.Itoa(n)
}
func notLonger(n int) string {
	return "Member must have length less than or equal to " + strconv.Itoa(n)
}
func pattern(p string) string { return "Member must satisfy regular expression pattern: " + p }

// checkStreamName checks a name.
//
// recorded (mhart/kinesalite test/putRecord.js).
func (v *violations) checkStreamName(name string) { v.checkNameOf("streamName", name) }

// checkNameOf checks a name that has the form of a stream's.
func (v *violations) checkNameOf(member, name string) {
	if !validStreamName(name) {
		v.Add(member, name, pattern(namePattern))
	}
	if name == "" {
		v.Add(member, name, notShorter(1))
	}
	if len(name) > maxNameLength {
		v.Add(member, name, notLonger(maxNameLength))
	}
}

func validStreamName(name string) bool {
	for _, c := range []byte(name) {
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '_' && c != '.' && c != '-' {
			return false
		}
	}
	return name != ""
}

// complete fills in the defaults of a configuration and refuses what AWS refuses.
func (c StreamConfig) complete() (StreamConfig, error) {
	if c.Mode == "" {
		c.Mode = ModeProvisioned
	}
	if c.RetentionHours == 0 {
		c.RetentionHours = minRetentionHours
	}
	var v violations
	if c.RetentionHours < 1 {
		v.Add("retentionPeriodHours", c.RetentionHours, "Member must have value greater than or equal to 1")
	}
	if c.Mode == ModeProvisioned && c.ShardCount < 1 {
		v.Add("shardCount", c.ShardCount, "Member must have value greater than or equal to 1")
	}
	if c.Mode != ModeProvisioned && c.Mode != ModeOnDemand {
		v.Add("streamModeDetails.streamMode", c.Mode, "Member must satisfy enum value set: [PROVISIONED, ON_DEMAND]")
	}
	v.checkStreamName(c.Name)
	if err := v.err(); err != nil {
		return c, err
	}
	if c.Mode == ModeOnDemand && c.ShardCount != 0 { // the sentence is assumed
		return c, invalidArgument("ShardCount must not be specified for stream %s in ON_DEMAND mode.", c.Name)
	}
	return c, checkRetention(c.RetentionHours)
}

// checkRetention refuses a retention period that AWS refuses.
//
// recorded (mhart/kinesalite test/decreaseStreamRetentionPeriod.js), where the maximum was still 168 hours.
func checkRetention(hours int) error {
	switch {
	case hours < minRetentionHours:
		return invalidArgument("Minimum allowed retention period is %d hours. "+
			"Requested retention period (%d hours) is too short.", minRetentionHours, hours)
	case hours > maxRetentionHours:
		return invalidArgument("Maximum allowed retention period is %d hours. "+
			"Requested retention period (%d hours) is too long.", maxRetentionHours, hours)
	}
	return nil
}

// assumed: the sentence is that of mhart/kinesalite (actions/createStream.js).
func errInUse(account iam.Account, name string) error {
	return awserr.New("ResourceInUseException", 400, "Stream %s under account %s already exists.", name, account.ID)
}

// heapBuffer is how AWS shows a blob in a sentence.
//
// recorded (mhart/kinesalite test/putRecord.js).
func heapBuffer(n int) string {
	return fmt.Sprintf("java.nio.HeapByteBuffer[pos=0 lim=%d cap=%d]", n, n)
}
