/* What takes the place of `log_estimate` and `log_add` of keelback_core/compiler/plan/estimate.py in the compiled tower:
 * a plan asks for them some hundred times.
 *
 * Included where mypyc's functions were.
 */
static CPyTagged not_called_CPyDef_estimate___log_estimate(CPyTagged count);
static CPyTagged not_called_CPyDef_estimate___log_add(CPyTagged left, CPyTagged right);

CPyTagged CPyDef_estimate___log_estimate(CPyTagged count) {
  if (unlikely(!CPyTagged_CheckShort(count))) return not_called_CPyDef_estimate___log_estimate(count);
  const Py_ssize_t number = (Py_ssize_t)count >> 1;
  if (number < 2) return 0;
  const int shift = 60 - __builtin_clzll((unsigned long long)number);
  const int eighths = (int)(shift >= 0 ? number >> shift : number << -shift) & 7;
  /* The items of the tuple of which mypyc has made a struct. */
  const CPyTagged* const known = (const CPyTagged*)&CPyStatic_estimate____EIGHTHS;
  return known[eighths] + (CPyTagged)((30 + 10 * shift) * 2);
}

CPyTagged CPyDef_estimate___log_add(CPyTagged left, CPyTagged right) {
  if (unlikely(!CPyTagged_CheckShort(left) || !CPyTagged_CheckShort(right))) {
    return not_called_CPyDef_estimate___log_add(left, right);
  }
  const Py_ssize_t distance = ((Py_ssize_t)left - (Py_ssize_t)right) >> 1;
  const Py_ssize_t size = distance < 0 ? -distance : distance;
  const CPyTagged larger = distance < 0 ? right : left;
  if (size >= PyTuple_GET_SIZE(CPyStatic_estimate____SUMS)) return larger;
  return larger + CPyTagged_BorrowFromObject(PyTuple_GET_ITEM(CPyStatic_estimate____SUMS, size));
}
