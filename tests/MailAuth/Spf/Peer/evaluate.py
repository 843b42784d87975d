"""Evaluates SPF by pyspf: reads lines "IP<TAB>SENDER<TAB>HELO", writes lines "RESULT<TAB>EXPLANATION". Arguments: the name server's port, and how
many questions may find nothing."""
import sys

import DNS
import spf

# Of the two libraries that pyspf can use, this one, whatever else is installed.
spf.DNS = DNS
spf.DNSLookup = spf.DNSLookup_pydns
DNS.defaults['server'] = ['127.0.0.1']
DNS.defaults['port'] = int(sys.argv[1])
DNS.defaults['timeout'] = 10
spf.MAX_VOID_LOOKUPS = int(sys.argv[2])

for line in sys.stdin:
    ip, sender, hello = line.rstrip('\n').split('\t')
    query = spf.query(i=ip, s=sender, h=hello, receiver='mx.spf.test', timeout=10, querytime=20)
    try:
        result, _, explanation = query.check()
    except Exception as error:  # what escapes is the peer's own defect, which the test has to see
        result, explanation = 'crash', type(error).__name__ + ': ' + str(error)
    print(result + '\t' + ' '.join(str(explanation).split()))
