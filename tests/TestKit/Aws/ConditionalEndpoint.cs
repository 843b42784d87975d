using System.Net;

namespace SlimtaFast.TestKit.Aws;

/// <summary>
/// A stand-in for what the small server of the regular tests does not do, and for answers that no server gives when asked: it checks the conditions of a write as S3 does, or refuses them as some endpoints do, and passes all
/// else on to a real server.
/// </summary>
public sealed class ConditionalEndpoint : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
    private readonly Uri _server;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly Task _serving;
    private int _conflicts;

    /// <summary>Stands in front of a server.</summary>
    public ConditionalEndpoint(Uri server, int port)
    {
        _server = server;
        Url = new Uri($"http://127.0.0.1:{port}");
        _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>Its address.</summary>
    public Uri Url { get; }

    /// <summary>True to answer conditions 501.</summary>
    public bool Refuses { get; set; }

    /// <summary>A status to answer all writes with; 0 for none.</summary>
    public int Fails { get; set; }

    /// <summary>Every so many-th conditional write is answered 409, as where two come at once; 0 for none.</summary>
    public int ConflictEvery { get; set; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _listener.Close();
        _client.Dispose();
        _gate.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception over) when (over is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            _ = ServeAsync(context);
        }
    }

    private async Task ServeAsync(HttpListenerContext context)
    {
        try
        {
            string? absent = context.Request.Headers["If-None-Match"], tag = context.Request.Headers["If-Match"];
            if (context.Request.HttpMethod != "PUT" && Fails == 0)
            {
                await PassOnAsync(context);
                return;
            }

            if (context.Request.HttpMethod is "PUT" or "DELETE" or "POST" && Fails != 0)
            {
                Answer(context, Fails, "Failing");
                return;
            }

            if (absent is null && tag is null)
            {
                await PassOnAsync(context);
                return;
            }

            if (Refuses)
            {
                Answer(context, 501, "NotImplemented");
                return;
            }

            await _gate.WaitAsync();
            try
            {
                if (ConflictEvery > 0 && ++_conflicts % ConflictEvery == 0)
                {
                    Answer(context, 409, "ConditionalRequestConflict");
                    return;
                }

                using HttpResponseMessage found = await _client.SendAsync(new HttpRequestMessage(HttpMethod.Head, new Uri(_server, context.Request.RawUrl)));
                if (absent is not null ? found.IsSuccessStatusCode : found.Headers.ETag?.Tag != tag)
                    Answer(context, absent is null && found.StatusCode == HttpStatusCode.NotFound ? 404 : 412, absent is null && found.StatusCode == HttpStatusCode.NotFound ? "NoSuchKey" : "PreconditionFailed");
                else
                    await PassOnAsync(context);
            }
            finally
            {
                _gate.Release();
            }
        }
        catch (Exception gone) when (gone is HttpListenerException or HttpRequestException or IOException or ObjectDisposedException)
        {
            context.Response.Abort();
        }
    }

    private static void Answer(HttpListenerContext context, int status, string code)
    {
        context.Request.InputStream.CopyTo(Stream.Null);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/xml";
        context.Response.Close(System.Text.Encoding.UTF8.GetBytes($"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>{code}</Message></Error>"), false);
    }

    private async Task PassOnAsync(HttpListenerContext context)
    {
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.HttpMethod), new Uri(_server, context.Request.RawUrl));
        if (context.Request.HasEntityBody)
        {
            var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            request.Content = new ByteArrayContent(body.ToArray());
        }
        else if (context.Request.HttpMethod == "PUT")
        {
            request.Content = new ByteArrayContent([]);
        }

        foreach (string name in context.Request.Headers.AllKeys.OfType<string>())
        {
            if (name is "Host" or "Content-Length" or "Connection" or "Transfer-Encoding" or "Expect" or "If-Match" or "If-None-Match")
                continue;
            if (!request.Headers.TryAddWithoutValidation(name, context.Request.Headers[name]))
                request.Content?.Headers.TryAddWithoutValidation(name, context.Request.Headers[name]);
        }

        using HttpResponseMessage answer = await _client.SendAsync(request);
        byte[] bytes = await answer.Content.ReadAsByteArrayAsync();
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach ((string name, IEnumerable<string> values) in answer.Headers.Concat(answer.Content.Headers))
        {
            if (name is not ("Content-Length" or "Transfer-Encoding" or "Connection" or "Keep-Alive"))
                context.Response.Headers[name] = string.Join(", ", values);
        }

        if (context.Request.HttpMethod == "HEAD")
        {
            context.Response.ContentLength64 = answer.Content.Headers.ContentLength ?? 0;
            context.Response.Close();
            return;
        }

        context.Response.ContentLength64 = bytes.Length;
        await context.Response.OutputStream.WriteAsync(bytes);
        context.Response.Close();
    }
}
