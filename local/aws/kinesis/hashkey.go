package kinesis

import (
	"crypto/md5"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"math/bits"
)

// hashKey is an unsigned number of 128 bits.
type hashKey struct{ high, low uint64 }

var maxHashKey = hashKey{1<<64 - 1, 1<<64 - 1}

// hashOf places a partition key.
//
// documented (key-concepts): MD5 of the key's UTF-8 bytes as a 128-bit integer; that its first byte is the most
// significant is what AWS's own consumers and all emulators do.
func hashOf(partitionKey []byte) hashKey {
	sum := md5.Sum(partitionKey)
	return hashKey{binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:])}
}

func (k hashKey) less(o hashKey) bool {
	return k.high < o.high || k.high == o.high && k.low < o.low
}

func (k hashKey) next() hashKey {
	low, carry := bits.Add64(k.low, 1, 0)
	return hashKey{k.high + carry, low}
}

func (k hashKey) previous() hashKey {
	low, borrow := bits.Sub64(k.low, 1, 0)
	return hashKey{k.high - borrow, low}
}

// distance is how far apart two keys are, at most 1<<64 - 1.
func (k hashKey) distance(o hashKey) uint64 {
	if k.less(o) {
		k, o = o, k
	}
	low, borrow := bits.Sub64(k.low, o.low, 0)
	if k.high-o.high-borrow != 0 {
		return 1<<64 - 1
	}
	return low
}

func (k hashKey) big() *big.Int {
	n := new(big.Int).SetUint64(k.high)
	return n.Lsh(n, 64).Or(n, new(big.Int).SetUint64(k.low))
}

func (k hashKey) String() string { return k.big().String() }

func (k hashKey) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

func (k *hashKey) UnmarshalText(text []byte) error {
	n, err := parseHashKey(text)
	if err != nil {
		return fmt.Errorf("reading hash key %q: %w", text, err)
	}
	*k = n
	return nil
}

var errHashKeyRange = errors.New("above 2^128-1")

// parseHashKey reads decimal digits.
func parseHashKey(digits []byte) (hashKey, error) {
	if len(digits) == 0 {
		return hashKey{}, errors.New("empty")
	}
	var k hashKey
	for _, d := range digits {
		if d < '0' || d > '9' {
			return hashKey{}, errors.New("not a decimal number")
		}
		carry, low := bits.Mul64(k.low, 10)
		over, high := bits.Mul64(k.high, 10)
		low, more := bits.Add64(low, uint64(d-'0'), 0)
		high, more = bits.Add64(high, carry, more)
		if over+more != 0 {
			return hashKey{}, errHashKeyRange
		}
		k = hashKey{high, low}
	}
	return k, nil
}

// uniformStarts are the first keys of n ranges of one size; the last range includes the remainder.
//
// recorded (mhart/kinesalite test/createStream.js): floor(2^128/n) times 0, 1, 2, …
func uniformStarts(n int) []hashKey {
	all := new(big.Int).Lsh(big.NewInt(1), 128)
	size := all.Div(all, big.NewInt(int64(n)))
	starts := make([]hashKey, n)
	for i := range starts {
		var b [16]byte
		new(big.Int).Mul(size, big.NewInt(int64(i))).FillBytes(b[:])
		starts[i] = hashKey{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
	}
	return starts
}
