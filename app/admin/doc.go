// Package admin is the listener for operators: health, metrics, the routes,
// and whatever modules add by value group "admin.endpoints". It knows net/http
// alone; app makes it and gives it what it shows.
//
// Who may do what:
//
//	                    health   read (GET, HEAD)   write
//	loopback address    open     open               ADMIN_TOKEN, or APP_ENV=dev
//	any other address   open     ADMIN_TOKEN        ADMIN_TOKEN
//
// The token is sent as "Authorization: Bearer <token>" and compared in constant
// time. Requests that a browser makes across sites are refused when they write,
// with or without a token.
package admin
