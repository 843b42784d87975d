using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SlimtaFast.EndToEnd.Tests.Wire;

/// <summary>The next hop of one domain, of which a script plays the part. It takes one connection.</summary>
internal sealed class HopUnderTest : IDisposable
{
    /// <summary>The domain that scripts speak of.</summary>
    public const string UsualDomain = "hop.test";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    /// <summary>Listens.</summary>
    public HopUnderTest(int number)
    {
        Number = number;
        Domain = string.Create(CultureInfo.InvariantCulture, $"{number}.{UsualDomain}");
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
    }

    /// <summary>Which one of its server's hops it is.</summary>
    public int Number { get; }

    /// <summary>Whose mail comes here.</summary>
    public string Domain { get; }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>The address at the hop's own domain for one at the usual domain.</summary>
    public string ToOwn(string address) => address.Replace("@" + UsualDomain, "@" + Domain, StringComparison.Ordinal);

    /// <summary>A command as it would be with addresses at the usual domain.</summary>
    public string ToUsual(string command) => command.Replace("@" + Domain, "@" + UsualDomain, StringComparison.Ordinal);

    /// <summary>Takes the connection; no second one, for another attempt or another message, can take part in the dialogue.</summary>
    public async Task<Socket> AcceptAsync(TimeSpan patience)
    {
        Socket socket = await _listener.AcceptSocketAsync().WaitAsync(patience);
        _listener.Stop();
        return socket;
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();
}
