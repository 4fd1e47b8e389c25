package kinesis

import (
	"errors"
	"math/big"
	"math/bits"
	"strconv"
)

// sequence is what a sequence number is made of. Its hexadecimal digits are 2, the second at which the shard was
// created (9), the shard's lowest digit (1), the index (16), 00, the second of arrival (9), the shard's index (8), and
// the version 2; written as a decimal number that is 56 digits.
//
// recorded (mhart/kinesalite test/helpers.js, assertSequenceNumber): AWS promises only that it increases. Here it does because
// the index does, which no two records of a stream share, whatever happens to the clock or the process.
type sequence struct {
	created int64 // of the shard, seconds since 1970
	shard   uint32
	index   uint64
	arrival int64 // seconds since 1970
}

const sequenceDigits = 56

// append writes the decimal number.
func (s sequence) append(b []byte) []byte {
	const (
		billions = 1e19 // the largest power of ten in 64 bits
		second   = 1<<36 - 1
	)
	created, arrival := uint64(s.created)&second, uint64(s.arrival)&second
	low := 2 | uint64(s.shard)<<4 | arrival<<36
	middle := arrival>>28 | s.index<<16
	high := s.index>>48 | uint64(s.shard&15)<<16 | created<<20 | 2<<56

	// The number is below 2^186, so that each division leaves one word less to divide.
	q1, r := bits.Div64(high, middle, billions)
	q0, last := bits.Div64(r, low, billions)
	first, r := bits.Div64(q1, q0, billions)
	b = appendDigits(b, first, sequenceDigits-38)
	b = appendDigits(b, r, 19)
	return appendDigits(b, last, 19)
}

func (s sequence) String() string {
	return string(s.append(make([]byte, 0, sequenceDigits)))
}

// appendDigits writes n with leading zeros.
func appendDigits(b []byte, n uint64, width int) []byte {
	start := len(b)
	for range width {
		b = append(b, '0')
	}
	for i := len(b) - 1; i >= start && n > 0; i-- {
		b[i] = '0' + byte(n%10)
		n /= 10
	}
	return b
}

var (
	errOrderingInvalid = errors.New("not a sequence number that was assigned")
	errOrderingVersion = errors.New("version 3")
)

// checkOrdering refuses a SequenceNumberForOrdering that cannot have been assigned before now, in seconds since 1970.
//
// recorded (mhart/kinesalite test/putRecord.js; for the older versions assumed from its db/index.js): numbers of the
// versions 0, 1 and 2 are accepted. A time in the future, a date too far away (version 0) and a negative index or shard (version 2) are
// invalid, and version 3 is an InternalFailure.
func checkOrdering(number string, now int64) error {
	n, ok := new(big.Int).SetString(number, 10)
	if !ok {
		return errOrderingInvalid
	}
	digits := n.Text(16)
	if n.BitLen() <= 129 {
		return checkOrderingVersion0(n)
	}
	if n.BitLen() != 186 || digits[0] != '2' {
		return errOrderingInvalid
	}
	valid := false
	switch digits[46] {
	case '1':
		valid = secondsOf(digits[13:22]) <= now
	case '2':
		valid = secondsOf(digits[29:38]) <= now && digits[11] < '8' && digits[38] < '8'
	case '3':
		return errOrderingVersion
	}
	if !valid {
		return errOrderingInvalid
	}
	return nil
}

// checkOrderingVersion0 checks a number of the first version: 1, the second at which the shard was created, and more. A
// number below those stands for what is behind the 1.
func checkOrderingVersion0(n *big.Int) error {
	const tooLate = 16025175000
	if n.BitLen() <= 124 {
		n.SetBit(n, 124, 1)
	}
	if secondsOf(n.Text(16)[1:10]) >= tooLate {
		return errOrderingInvalid
	}
	return nil
}

func secondsOf(hex string) int64 {
	seconds, err := strconv.ParseInt(hex, 16, 64)
	if err != nil {
		panic(err) // digits of a number
	}
	return seconds
}

// shardID is such as "shardId-000000000000".
//
// documented (API_DescribeStream, examples): 12 digits.
func shardID(index uint32) string {
	return string(appendDigits([]byte("shardId-"), uint64(index), 12))
}
