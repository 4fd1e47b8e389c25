package send

import (
	"fmt"
	"math/bits"
)

// bitmap is a set of numbers from 0, in a bit each.
type bitmap struct {
	words []uint64
	count int64
}

// add puts n into the set, and reports whether it was not there.
func (b *bitmap) add(n int64) bool {
	word, bit := n/64, uint64(1)<<(n%64)
	for int64(len(b.words)) <= word {
		b.words = append(b.words, 0)
	}
	if b.words[word]&bit != 0 {
		return false
	}
	b.words[word] |= bit
	b.count++
	return true
}

// remove removes n from the set.
func (b *bitmap) remove(n int64) {
	if b.has(n) {
		b.words[n/64] &^= 1 << (n % 64)
		b.count--
	}
}

func (b *bitmap) has(n int64) bool {
	return n >= 0 && n/64 < int64(len(b.words)) && b.words[n/64]&(1<<(n%64)) != 0
}

// without counts the numbers in b that are not in other, and lists the first ones as ranges such as "17" and "20-31".
func (b *bitmap) without(other *bitmap, most int) (count int64, ranges []string) {
	from := int64(-1)
	end := func(after int64) {
		if from < 0 {
			return
		}
		if len(ranges) < most {
			text := fmt.Sprint(from)
			if after-1 > from {
				text = fmt.Sprintf("%d-%d", from, after-1)
			}
			ranges = append(ranges, text)
		}
		from = -1
	}
	for i, word := range b.words {
		if i < len(other.words) {
			word &^= other.words[i]
		}
		count += int64(bits.OnesCount64(word))
		if word == 0 {
			end(int64(i) * 64)
			continue
		}
		for bit := range 64 {
			n := int64(i)*64 + int64(bit)
			switch in := word&(1<<bit) != 0; {
			case in && from < 0:
				from = n
			case !in:
				end(n)
			}
		}
	}
	end(int64(len(b.words)) * 64)
	return count, ranges
}
