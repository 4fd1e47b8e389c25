package cloudwatch

import (
	"cmp"
	"math"
	"slices"
)

// histogram counts values in cells whose width is less than 0.8 % of their values; whole numbers up to 256 have cells of
// their own. Its size is bounded by the number of cells between the smallest and the largest value.
type histogram struct {
	cells []cell // in the order of their values
	hit   int    // the cell that was counted last, for values come in runs
}

type cell struct {
	key   uint32
	count uint32
}

// cellBits is how many bits of a float64 name its cell: the sign, the exponent and 7 bits of the mantissa.
const cellBits = 1 + 11 + 7

// keyOf is the cell of a value. Keys are in the order of the values.
func keyOf(value float64) uint32 {
	bits := math.Float64bits(value)
	if bits>>63 == 1 {
		bits = ^bits // the more negative, the smaller
	} else {
		bits |= 1 << 63
	}
	return uint32(bits >> (64 - cellBits))
}

// valueOf is the value of a cell that is nearest to zero.
func valueOf(key uint32) float64 {
	bits := uint64(key) << (64 - cellBits)
	if bits>>63 == 1 {
		return math.Float64frombits(bits &^ (1 << 63))
	}
	return math.Float64frombits(^bits &^ (1<<(64-cellBits) - 1))
}

func (h *histogram) add(value float64, n uint32) {
	if value == 0 {
		value = 0 // and not -0
	}
	key := keyOf(value)
	if h.hit < len(h.cells) && h.cells[h.hit].key == key {
		h.cells[h.hit].count += n
		return
	}
	h.count(key, n)
}

func (h *histogram) count(key, n uint32) {
	place, found := slices.BinarySearchFunc(h.cells, key, func(c cell, key uint32) int { return cmp.Compare(c.key, key) })
	if !found {
		h.cells = slices.Insert(h.cells, place, cell{key: key})
	}
	h.cells[place].count += n
	h.hit = place
}

func (h *histogram) join(other histogram) {
	for _, c := range other.cells {
		h.count(c.key, c.count)
	}
}

// reset returns an empty histogram that uses the memory of one that is no longer needed.
func (h *histogram) reset() histogram { return histogram{cells: h.cells[:0]} }

// percentile is the smallest value that at least percent of the values do not exceed, to the width of its cell, between
// the values' minimum and maximum. CloudWatch does not document how it interpolates; assumed: not at all.
func (h *histogram) percentile(percent, least, most float64) float64 {
	var total float64
	for _, c := range h.cells {
		total += float64(c.count)
	}
	rank := max(math.Ceil(percent/100*total), 1)
	for _, c := range h.cells {
		if rank -= float64(c.count); rank <= 0 {
			return min(max(valueOf(c.key), least), most)
		}
	}
	return most
}
