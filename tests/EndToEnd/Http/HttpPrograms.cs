namespace SlimtaFast.EndToEnd.Tests.Http;

/// <summary>Python programs that speak as python-slimta's HTTP relay and WSGI edge do, with nothing but Python's own library.</summary>
internal static class HttpPrograms
{
    /// <summary>
    /// Sends two messages, over one connection where the server lets it, without taking an answer to its end; the arguments are port, path and
    /// recipients.
    /// </summary>
    public const string Client = """
        import sys, http.client
        from base64 import b64encode
        port, path, rcpts = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
        conn = http.client.HTTPConnection('127.0.0.1', port, timeout=30)
        for i in range(2):
            headers, body = b'Subject: python %d\n\n' % i, b'line one\nline two\n'
            conn.putrequest('POST', path)
            conn.putheader('Content-Length', str(len(headers) + len(body)))
            conn.putheader('Content-Type', 'message/rfc822')
            conn.putheader('X-Ehlo', 'python.test')
            conn.putheader('X-Envelope-Sender', b64encode(b'py@client.test').decode())
            for rcpt in rcpts:
                conn.putheader('X-Envelope-Recipient', b64encode(rcpt.encode('utf-8')).decode())
            conn.endheaders(headers)
            conn.send(body)
            res = conn.getresponse()
            # python-slimta reads no body away, so that there must be none.
            print(res.status, res.getheader('X-Smtp-Reply'), flush=True)
            if res.getheader('Content-Length') not in (None, '0') or res.getheader('Transfer-Encoding'):
                sys.exit('the answer has a body')
        """;

    /// <summary>Takes messages as python-slimta's edge does and prints what it was asked; refuses recipients that begin with "no".</summary>
    public const string Server = """
        import re
        from base64 import b64decode
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
        from wsgiref.headers import Headers

        class Edge(BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_POST(self):
                sender = b64decode(self.headers.get('X-Envelope-Sender', '')).decode('utf-8')
                raw = self.headers.get('X-Envelope-Recipient')
                rcpts = [b64decode(r).decode('utf-8') for r in re.split(r'\s*[,;]\s*', raw)] if raw else []
                data = self.rfile.read(int(self.headers.get('Content-Length', 0)))
                print('POST', self.path, self.headers.get('Content-Type'), self.headers.get('X-Ehlo'), sender, ','.join(rcpts), len(data), flush=True)
                print('BODY', data.decode('utf-8').replace('\r\n', '|'), flush=True)
                code, message, status = '250', '2.6.0 Message accepted for delivery', 204
                if any(r.startswith('no') for r in rcpts):
                    code, message, status = '550', '5.1.1 No such "user"', 500
                headers = []
                Headers(headers).add_header('X-Smtp-Reply', code, message=message)
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                if status != 204:
                    self.send_header('Content-Length', '4')
                self.end_headers()
                if status != 204:
                    self.wfile.write(b'body')

            def log_message(self, *args):
                pass

        server = ThreadingHTTPServer(('127.0.0.1', 0), Edge)
        print('port', server.server_address[1], flush=True)
        server.serve_forever()
        """;
}
