/**
 * What a user of the driver may name beside {@code java.sql}: {@link
 * org.keelback.KeelbackException} to look into errors, {@link
 * org.keelback.KeelbackPreparedStatement} for parameters by name, {@link
 * org.keelback.KeelbackDatabase} for listeners, copies and limits, {@link org.keelback.Function} and
 * its like for what the engine calls, {@link org.keelback.KeelbackDataSource} for pools.
 */
package org.keelback;
