package org.example

// Each of these lines must be refused by the compiler.

fun client(): Any = org.byway.ffi.Client

fun converter(): Any = org.byway.ffi.FfiConverterString

fun engine(): Any = org.byway.internals.EngineByway

fun secret(key: org.byway.StoreKey.Bytes): ByteArray = key.bytes
