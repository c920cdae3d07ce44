//! How to read a verdict, for someone who sees one for the first time.

// anchors of the page itself have double hyphens, which slugs cannot have

pub(super) const HOW_TO_READ: &str = "\
<section id=\"how--to-read\" class=\"reading\">
<h2>How to read a verdict</h2>
<dl>
<dt><span class=\"badge consistent\"><span aria-hidden=\"true\">✓</span> consistent</span></dt>
<dd>The simulation follows its law, and a deviation as large as the practical tolerance would have been seen.
It does not mean that there is no deviation: one smaller than the smallest visible effect may be there.</dd>
<dt><span class=\"badge inconclusive\"><span aria-hidden=\"true\">?</span> inconclusive</span></dt>
<dd>No deviation was seen, but one as large as the practical tolerance could have been missed, or a number needed for the
decision is missing. This is not a pass: run longer, or with more replicas.</dd>
<dt><span class=\"badge inconsistent\"><span aria-hidden=\"true\">✗</span> inconsistent</span></dt>
<dd>The simulation does not follow its law: a deviation like this one is less probable under the law than the check’s
share of the false-alarm budget.</dd>
</dl>
<dl class=\"terms\">
<dt>difference (SE)</dt><dd>Observed less predicted, in standard errors of the observed value.</dd>
<dt>p (share)</dt><dd>Probability, if the law holds, of a deviation at least this large; and the check’s share of the
false-alarm budget. A p below its share makes the verdict inconsistent. The budget is the probability that a correct simulation fails any check of the whole run.</dd>
<dt>effect, tolerance, smallest visible</dt><dd>Size of the deviation; the size that matters in practice; and the size that
this check finds in 99 of 100 runs. All three in the measure that is named beside them.</dd>
<dt>n (effective)</dt><dd>Numbers that entered the check, and the independent numbers that they are worth.</dd>
</dl>
</section>
";
