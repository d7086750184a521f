/**
 * The handle layer: who owns which handle, which thread may use it, and what a result code becomes.
 * It knows {@code java.sql}'s exceptions and nothing else of JDBC.
 */
package org.keelback.handle;
