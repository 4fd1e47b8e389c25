// Package cost tells what a stack costs before it is deployed: by service, for the settings of its stack file and a
// rate of events; provisioned against on-demand, one event a request against batches; and what it costs if nobody
// sends anything and nobody destroys it.
//
// The formulas are those of AWS's price pages. The prices are in prices.json, each with its region, the day it was read
// and where. A price that is not there is never replaced by another: the amount is unknown, and the total says so.
package cost
