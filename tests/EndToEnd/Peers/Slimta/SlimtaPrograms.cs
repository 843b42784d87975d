namespace SlimtaFast.EndToEnd.Tests.Peers.Slimta;

/// <summary>Python programs around python-slimta's own HTTP edge and relay.</summary>
internal static class SlimtaPrograms
{
    /// <summary>Where <c>tests/peers</c> puts a Python with the package.</summary>
    public const string Python = "artifacts/peers/slimta/bin/python";

    /// <summary>
    /// Its WSGI edge on the web server that it is written for, with a queue that prints what it got and answers by the first recipient's name.
    /// </summary>
    public const string Edge = """
        from hashlib import sha256
        from gevent.pywsgi import WSGIServer
        from slimta.edge.wsgi import WsgiEdge
        from slimta.queue import QueueError
        from slimta.relay import PermanentRelayError, TransientRelayError
        from slimta.smtp.reply import Reply

        class Queue(object):
            def enqueue(self, envelope):
                first = envelope.recipients[0]
                print('GOT', envelope.client['name'], envelope.sender or '<>', ','.join(envelope.recipients), sha256(envelope.message).hexdigest(), flush=True)
                if first.startswith('refused'):
                    return [(envelope, PermanentRelayError('no', Reply('550', '5.1.1 No such user')))]
                if first.startswith('later'):
                    return [(envelope, TransientRelayError('later', Reply('450', '4.2.2 Mailbox full')))]
                if first.startswith('broken'):
                    return [(envelope, QueueError('broken'))]
                for line in envelope.message.decode('utf-8').split('\r\n'):
                    if line.startswith('Diagnostic-Code:'):
                        print(line, flush=True)
                return [(envelope, 'id')]

        server = WSGIServer(('127.0.0.1', 0), WsgiEdge(Queue(), hostname='slimta.test', uri_pattern='/mail$'), log=None)
        server.start()
        print('port', server.server_port, flush=True)
        server.serve_forever()
        """;

    /// <summary>Its HTTP relay: the arguments are a URL, a file, and lists of recipients with commas, each for a message; prints how each ended.</summary>
    public const string Relay = """
        import sys
        from slimta.envelope import Envelope
        from slimta.relay import PermanentRelayError, RelayError
        from slimta.relay.http import HttpRelay

        relay = HttpRelay(sys.argv[1], ehlo_as='slimta.test', timeout=30, idle_timeout=10)
        for recipients in sys.argv[3:]:
            envelope = Envelope('sender@client.test', recipients.split(','))
            with open(sys.argv[2], 'rb') as file:
                envelope.parse(file.read())
            try:
                reply, kind = relay.attempt(envelope, 0), 'sent'
            except RelayError as error:
                reply, kind = error.reply, 'permanent' if isinstance(error, PermanentRelayError) else 'transient'
            print(kind, reply.code, reply.message, flush=True)
        """;
}
