package s3

import "golang.org/x/sys/windows"

const errNameTooLong = windows.ERROR_FILENAME_EXCED_RANGE
