using System.Collections.Concurrent;
using SlimtaFast.TestKit.Http;

namespace SlimtaFast.EndToEnd.Tests.Observability;

/// <summary>
/// A small receiver of OTLP over HTTP with protocol buffers, made for these tests because there is no collector to be had: it keeps the last value of each sum,
/// and every span. The field numbers are those of opentelemetry/proto.
/// </summary>
internal sealed class SmallOtlpReceiver : IAsyncDisposable
{
    private const string Taken = "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, long> _sums = new();
    private readonly ConcurrentQueue<OtlpSpan> _spans = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly RawHttpServer _server;

    public SmallOtlpReceiver() => _server = new RawHttpServer(async connection =>
    {
        while (await connection.ReadRequestAsync() is { } request)
        {
            Read(request.Head, new ProtocolBuffer(request.Body));
            await connection.SendAsync(Taken);
            _arrived.Release();
        }
    });

    /// <summary>Where a server sends to.</summary>
    public string Url => _server.Url.GetLeftPart(UriPartial.Authority);

    /// <summary>The value of the field <c>X-Key</c> in the last request.</summary>
    public string? LastKey { get; private set; }

    /// <summary>All attributes of resources, as text.</summary>
    public ConcurrentDictionary<string, string> Resource { get; } = new();

    /// <summary>Every span so far.</summary>
    public IReadOnlyList<OtlpSpan> Spans => [.. _spans];

    /// <summary>The last value of a sum; 0 where there was none.</summary>
    public long Sum(string name) => _sums.GetValueOrDefault(name);

    /// <summary>Waits until something is so.</summary>
    public async Task WaitAsync(Func<bool> isSo)
    {
        while (!isSo())
        {
            if (!await _arrived.WaitAsync(Patience))
                throw new TimeoutException($"{string.Join(", ", _sums)}\n{string.Join('\n', _spans)}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _arrived.Dispose();
    }

    private void Read(RawHttpRequest head, ProtocolBuffer body)
    {
        Assert.Equal("application/x-protobuf", head["Content-Type"]);
        LastKey = head["X-Key"];
        bool isTrace = head.RequestLine == "POST /v1/traces HTTP/1.1";
        Assert.True(isTrace || head.RequestLine == "POST /v1/metrics HTTP/1.1", head.RequestLine);
        foreach (ProtocolBuffer resource in body.Messages(1))
        {
            string instance = "";
            foreach (ProtocolBuffer attribute in resource.Messages(1).SelectMany(static r => r.Messages(1)))
            {
                string value = attribute.Messages(2).Single().Text(1);
                Resource[attribute.Text(1)] = value;
                instance = attribute.Text(1) == "service.instance.id" ? value : instance;
            }

            foreach (ProtocolBuffer each in resource.Messages(2).SelectMany(static scope => scope.Messages(2)))
            {
                if (isTrace)
                    _spans.Enqueue(new OtlpSpan(each.Text(5), each.Hex(1), each.Hex(2), each.Hex(4), instance));
                else if (each.Messages(7).Any())
                    _sums[each.Text(1)] = each.Messages(7).Single().Messages(1).Sum(static point => point.Fixed(6));
            }
        }
    }
}
