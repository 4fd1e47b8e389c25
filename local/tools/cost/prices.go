package cost

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

//go:embed prices.json
var embedded []byte

// Prices is a table of list prices, without free tier, tax and discounts.
type Prices struct {
	// Currency is the currency of all figures.
	Currency string `json:"currency"`
	// Pages are AWS's price pages by the first part of an item, to check a figure.
	Pages map[string]string `json:"pages,omitempty"`
	// Items describe the unit of each item. A GB is 1024^3 bytes.
	Items map[string]string `json:"items"`
	// Figures are the prices.
	Figures []Figure `json:"figures"`
}

// Figure is the price of an item in a region.
type Figure struct {
	Region string `json:"region"`
	Item   string `json:"item"`
	// Tiers are the prices by the amount in a month, in ascending order of the amount.
	Tiers []Tier `json:"tiers"`
	// Read is the day or month on which the figure was read from Source.
	Read   string `json:"read"`
	Source string `json:"source"`
}

// Tier is the price of each unit above the tier before and up to UpTo. Without UpTo, of all above the tier before. If
// the last tier has one, the price of what is above is unknown.
type Tier struct {
	UpTo float64  `json:"upTo,omitempty"`
	USD  *float64 `json:"usd"`
}

// LoadPrices reads the table that comes with the program. The figures in the JSON file, unless it is empty, replace
// those of the same region and item.
func LoadPrices(file string) (Prices, error) {
	own, err := parsePrices(embedded)
	if err != nil {
		return Prices{}, fmt.Errorf("reading the prices: %w", err)
	}
	if file == "" {
		return own, nil
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return Prices{}, fmt.Errorf("reading prices: %w", err)
	}
	theirs, err := parsePrices(content)
	if err == nil {
		err = theirs.check(own.Items)
	}
	if err != nil {
		return Prices{}, fmt.Errorf("reading prices: %s: %w", file, err)
	}
	own.Figures = append(theirs.Figures, own.Figures...)
	return own, nil
}

func parsePrices(content []byte) (Prices, error) {
	var p Prices
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&p); err != nil {
		return Prices{}, err
	}
	if p.Currency != "USD" {
		return Prices{}, fmt.Errorf("currency %q: only USD can be added up", p.Currency)
	}
	return p, nil
}

// check reports all invalid figures.
func (p Prices) check(items map[string]string) error {
	var problems []error
	for i, f := range p.Figures {
		where := fmt.Sprintf("figure %d (%s in %s)", i+1, f.Item, f.Region)
		if _, known := items[f.Item]; !known {
			problems = append(problems, fmt.Errorf("%s: there is no such item; there are %s", where, strings.Join(sortedKeys(items), ", ")))
		}
		if f.Region == "" || f.Read == "" || f.Source == "" {
			problems = append(problems, fmt.Errorf("%s: needs region, read (a date) and source", where))
		}
		below := 0.0
		for j, tier := range f.Tiers {
			last := j == len(f.Tiers)-1
			if tier.USD == nil || *tier.USD < 0 || tier.UpTo < 0 || tier.UpTo == 0 && !last || tier.UpTo != 0 && tier.UpTo <= below {
				problems = append(problems, fmt.Errorf("%s: tier %d is not above the one before, or has no price", where, j+1))
			}
			below = tier.UpTo
		}
		if len(f.Tiers) == 0 {
			problems = append(problems, fmt.Errorf("%s: has no price", where))
		}
	}
	return errors.Join(problems...)
}

// find returns the figure of an item in a region; ok is false if it is unknown.
func (p Prices) find(region, item string) (f Figure, ok bool) {
	index := slices.IndexFunc(p.Figures, func(f Figure) bool { return f.Region == region && f.Item == item })
	if index < 0 {
		return Figure{}, false
	}
	return p.Figures[index], true
}

// Regions are those with at least one figure, sorted.
func (p Prices) Regions() []string {
	all := map[string]string{}
	for _, f := range p.Figures {
		all[f.Region] = ""
	}
	return sortedKeys(all)
}

// price computes the price of an amount, tier by tier; ok is false if a part of it has no price.
func (f Figure) price(amount float64) (usd float64, ok bool) {
	below := 0.0
	for _, tier := range f.Tiers {
		if tier.UpTo == 0 || amount <= tier.UpTo {
			return usd + (amount-below)**tier.USD, true
		}
		usd += (tier.UpTo - below) * *tier.USD
		below = tier.UpTo
	}
	return 0, false
}

func sortedKeys(m map[string]string) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
