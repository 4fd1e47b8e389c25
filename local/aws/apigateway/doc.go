// Package apigateway is Amazon API Gateway's REST APIs for the local target: a control plane with the operations that
// the AWS API has, and a data plane that serves each API over HTTP on a listener of its own.
//
// The control plane keeps the API as it is being edited. CreateDeployment freezes it, a stage serves what was frozen,
// and editing goes on without any effect on what is served, as on AWS. Deployments are kept in Options.Dir; everything
// else is put again by whoever owns it after a restart, with the ids it had.
//
// PutX creates X and refuses what AWS refuses, an X that exists already included. UpdateX changes an X in place.
// DeleteX removes it. All of them answer with *awserr.Error in AWS's words, and may be called from any goroutine.
//
// How each behaviour is known stands where it is implemented: recorded (seen in answers of AWS), documented (with the
// page of the API Gateway developer guide), or assumed.
package apigateway
