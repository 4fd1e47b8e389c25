// Package apigateway is Amazon API Gateway's REST APIs for the local target: a control plane with the operations that
// the AWS API has, and a data plane that serves each API over HTTP on a listener of its own.
//
// The control plane edits an API, without any effect on what is served: CreateDeployment freezes the API as it is, and a
// stage serves what was frozen. Every change is durable when its method returns, or has not happened. Open reads the
// configuration from Options.Dir and serves every stage again.
//
// The methods have the names of AWS's actions, return *awserr.Error in AWS's words, and may be called from any goroutine.
//
// Files whose name begins with serve are the data plane: what happens to a request, from serve_request.go on. All others
// are the control plane, a file for each kind of object, and state.go, which reads and writes Options.Dir.
//
// The evidence for each behaviour is stated where it is implemented: recorded (an answer of AWS in a test of LocalStack,
// localstack/localstack tests/aws/services/apigateway, whose name follows), documented (with the page of the API Gateway
// developer guide), or assumed, which includes what issue threads and published logs quote.
package apigateway
