// Package cost estimates what a stack costs before it is deployed: by service, for the settings of its stack file and a
// rate of events; provisioned or on demand, single events or batches; and what the stack costs
// when it is idle.
//
// The formulas are those of AWS's price pages. The prices are in prices.json, each with its region, the date it was read
// and its source. A missing price is never replaced by another: the amount is unknown, and the total says so.
package cost
