/**
 * What a user of the driver may name beside {@code java.sql}: {@link org.keelback.KeelbackException} to look into errors and
 * {@link org.keelback.KeelbackPreparedStatement} for parameters by name.
 */
package org.keelback;
