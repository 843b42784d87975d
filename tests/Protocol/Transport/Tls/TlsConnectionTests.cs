using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Protocol.Transport.Tls;
using SlimtaFast.TestKit.Tls;
using static SlimtaFast.Protocol.Tests.Transport.TransportFixture;

namespace SlimtaFast.Protocol.Tests.Transport.Tls;

/// <summary>A connection under TLS behaves as one in clear, alike for every transport.</summary>
public abstract class TlsConnectionTests(TransportKind kind) : TransportTestCase(kind), IDisposable
{
    private readonly TestCertificates _authority = new();

    private TlsServerSettings Server => field ??= new TlsServerSettings { Certificates = new TlsCertificates(_authority.Issue("mx.example")) };

    private TlsClientSettings Client => field ??= new TlsClientSettings { Verify = true, Authorities = _authority.Authorities };

    [Theory]
    [InlineData(SslProtocols.Tls12, "TLSv1.2")]
    [InlineData(SslProtocols.Tls13, "TLSv1.3")]
    public async Task Both_sides_exchange_what_they_would_in_clear(SslProtocols version, string name)
    {
        byte[] sent = Pattern(1_000_000);
        var facts = new TaskCompletionSource<TlsFacts>();
        IListener listener = Transport.Listen(Loopback, async connection =>
        {
            facts.SetResult(await connection.AuthenticateAsServerAsync(Server, default));
            await EchoAsync(connection);
        });
        await using Connection client = await Transport.ConnectAsync(listener.LocalEndPoint, null, default);
        Assert.Null(client.Tls);
        var settings = new TlsClientSettings { Verify = true, Authorities = _authority.Authorities, Versions = version };
        TlsFacts ours = await client.AuthenticateAsClientAsync(settings, "mx.example", default);
        Assert.Equal(name, ours.Version);
        Assert.True(ours.IsPeerVerified);
        Assert.Equal("mx.example", ours.PeerName);
        Assert.Equal($"{name} {ours.CipherSuite}", client.Tls);
        TlsFacts theirs = await facts.Task.WaitAsync(Patience);
        Assert.Equal(ours.CipherSuite, theirs.CipherSuite);
        Assert.Equal("mx.example", theirs.ServerName);
        Assert.Null(theirs.PeerCertificate);

        Task sending = Send();
        Assert.Equal(sent, await ReadAsync(client, sent.Length).WaitAsync(Patience));
        await sending;

        async Task Send()
        {
            client.Output.Write(sent.AsSpan(0, 10));
            await client.SendAsync(Segments.Split(sent.AsSpan(10, 500_000).ToArray(), 3000), default);
            for (int at = 500_010; at < sent.Length; at += 70_000)
            {
                client.Output.Write(sent.AsSpan(at, Math.Min(70_000, sent.Length - at)));
                await client.Output.FlushAsync();
            }
        }
    }

    [Fact]
    public async Task Awaits_come_back_to_the_thread_of_the_connection()
    {
        var threads = new TaskCompletionSource<HashSet<int>>();
        IListener listener = Transport.Listen(Loopback, async connection =>
        {
            var seen = new HashSet<int> { Environment.CurrentManagedThreadId };
            await connection.AuthenticateAsServerAsync(Server, default);
            seen.Add(Environment.CurrentManagedThreadId);
            for (int i = 0; i < 20; i++)
            {
                ReadResult result = await connection.Input.ReadAsync();
                seen.Add(Environment.CurrentManagedThreadId);
                connection.Output.Write(result.Buffer.FirstSpan);
                connection.Input.AdvanceTo(result.Buffer.End);
                await connection.Output.FlushAsync();
                seen.Add(Environment.CurrentManagedThreadId);
            }

            threads.SetResult(seen);
        });
        await using Connection client = await Transport.ConnectAsync(listener.LocalEndPoint, null, default);
        await client.AuthenticateAsClientAsync(Client, "mx.example", default);
        for (int i = 0; i < 20; i++)
        {
            await client.SendAsync(new ReadOnlySequence<byte>(Pattern(100)), default);
            await ReadAsync(client, 100).WaitAsync(Patience);
        }

        Assert.Single(await threads.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task Records_in_single_octets_arrive_whole()
    {
        IListener listener = Transport.Listen(Loopback, async connection =>
        {
            await connection.AuthenticateAsServerAsync(Server, default);
            await EchoAsync(connection);
        });
        using Socket socket = await ConnectAsync(listener.LocalEndPoint);
        await using var client = new SslStream(new DribblingStream(new NetworkStream(socket)), false, TestCertificates.IsIssued);
        await client.AuthenticateAsClientAsync("mx.example").WaitAsync(Patience);
        byte[] sent = Pattern(3000);
        await client.WriteAsync(sent);
        byte[] received = new byte[sent.Length];
        await client.ReadExactlyAsync(received).AsTask().WaitAsync(Patience);
        Assert.Equal(sent, received);
    }

    [Fact]
    public async Task Closing_says_goodbye_and_loses_nothing()
    {
        IListener listener = Transport.Listen(Loopback, async connection =>
        {
            await connection.AuthenticateAsServerAsync(Server, default);
            await WriteAsync(connection, "221 bye\r\n"u8.ToArray());
        });
        await using Connection client = await Transport.ConnectAsync(listener.LocalEndPoint, null, default);
        await client.AuthenticateAsClientAsync(Client, "mx.example", default);
        Assert.Equal("221 bye\r\n"u8.ToArray(), await ReadAsync(client, 9).WaitAsync(Patience));
        ReadResult end = await client.Input.ReadAsync().AsTask().WaitAsync(Patience);
        Assert.True(end.IsCompleted);
        Assert.True(end.Buffer.IsEmpty);
    }

    [Fact]
    public async Task Deadline_passes_read_fails_until_another_is_set()
    {
        var reading = new TaskCompletionSource();
        IListener listener = Transport.Listen(Loopback, async connection =>
        {
            await connection.AuthenticateAsServerAsync(Server, default);
            connection.SetDeadline(TimeSpan.FromSeconds(30));
            ValueTask<ReadResult> read = connection.Input.ReadAsync();
            reading.SetResult();
            await Assert.ThrowsAsync<TimeoutException>(async () => await read);
            connection.SetDeadline(TimeSpan.FromSeconds(30));
            await WriteAsync(connection, "421"u8.ToArray());
            await EchoAsync(connection);
        });
        await using Connection client = await Transport.ConnectAsync(listener.LocalEndPoint, null, default);
        await client.AuthenticateAsClientAsync(Client, "mx.example", default);
        await reading.Task.WaitAsync(Patience);
        Time.Advance(TimeSpan.FromSeconds(32));
        Assert.Equal("421"u8.ToArray(), await ReadAsync(client, 3).WaitAsync(Patience));
        await client.SendAsync(new ReadOnlySequence<byte>("more"u8.ToArray()), default);
        Assert.Equal("more"u8.ToArray(), await ReadAsync(client, 4).WaitAsync(Patience));
        Assert.Empty(GetFaults());
    }

    [Fact]
    public async Task Deadline_passes_handshake_fails()
    {
        var shaking = new TaskCompletionSource();
        var ended = new TaskCompletionSource();
        IListener listener = Transport.Listen(Loopback, async connection =>
        {
            connection.SetDeadline(TimeSpan.FromSeconds(30));
            ValueTask<TlsFacts> handshake = connection.AuthenticateAsServerAsync(Server, default);
            shaking.SetResult();
            await Assert.ThrowsAsync<TimeoutException>(async () => await handshake);
            ended.SetResult();
        });
        using Socket socket = await ConnectAsync(listener.LocalEndPoint);
        await socket.SendAsync(new byte[] { 0x16, 3, 1 }.AsMemory());
        await shaking.Task.WaitAsync(Patience);
        Time.Advance(TimeSpan.FromSeconds(32));
        await ended.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task Abort_fails_a_pending_read_and_a_pending_handshake()
    {
        var reading = new TaskCompletionSource<Connection>();
        var ended = new TaskCompletionSource();
        IListener listener = Transport.Listen(Loopback, async connection =>
        {
            await connection.AuthenticateAsServerAsync(Server, default);
            ValueTask<ReadResult> read = connection.Input.ReadAsync();
            reading.SetResult(connection);
            await Assert.ThrowsAsync<IOException>(async () => await read);
            ended.SetResult();
        });
        await using (Connection client = await Transport.ConnectAsync(listener.LocalEndPoint, null, default))
        {
            await client.AuthenticateAsClientAsync(Client, "mx.example", default);
            (await reading.Task.WaitAsync(Patience)).Abort();
            await ended.Task.WaitAsync(Patience);
        }

        IListener silent = Transport.Listen(Loopback, static connection => connection.Input.ReadAsync().AsTask());
        await using Connection waiting = await Transport.ConnectAsync(silent.LocalEndPoint, null, default);
        Task handshake = waiting.AuthenticateAsClientAsync(Client, "mx.example", default).AsTask();
        waiting.Abort();
        await Assert.ThrowsAnyAsync<IOException>(() => handshake.WaitAsync(Patience));
    }

    [Fact]
    public async Task Cancelled_read_can_be_repeated()
    {
        var reading = new TaskCompletionSource<Connection>();
        var canceled = new TaskCompletionSource();
        IListener listener = Transport.Listen(Loopback, async connection =>
        {
            await connection.AuthenticateAsServerAsync(Server, default);
            ValueTask<ReadResult> read = connection.Input.ReadAsync();
            reading.SetResult(connection);
            Assert.True((await read).IsCanceled);
            canceled.SetResult();
            await EchoAsync(connection);
        });
        await using Connection client = await Transport.ConnectAsync(listener.LocalEndPoint, null, default);
        await client.AuthenticateAsClientAsync(Client, "mx.example", default);
        (await reading.Task.WaitAsync(Patience)).Input.CancelPendingRead();
        await canceled.Task.WaitAsync(Patience);
        await client.SendAsync(new ReadOnlySequence<byte>("more"u8.ToArray()), default);
        Assert.Equal("more"u8.ToArray(), await ReadAsync(client, 4).WaitAsync(Patience));
    }

    [Fact]
    public async Task Idle_client_sees_nothing_unasked_although_session_tickets_have_come()
    {
        var opened = new TaskCompletionSource();
        IListener listener = Transport.Listen(Loopback, async connection =>
        {
            await connection.AuthenticateAsServerAsync(Server, default);
            opened.SetResult();
            await EchoAsync(connection);
        });
        await using Connection client = await Transport.ConnectAsync(listener.LocalEndPoint, null, default);
        await client.AuthenticateAsClientAsync(Client, "mx.example", default);
        await opened.Task.WaitAsync(Patience);
        for (int i = 0; i < 100; i++)
            Assert.False(client.Input.TryRead(out _));
        await client.SendAsync(new ReadOnlySequence<byte>("more"u8.ToArray()), default);
        Assert.Equal("more"u8.ToArray(), await ReadAsync(client, 4).WaitAsync(Patience));
        Assert.False(client.Input.TryRead(out _));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("\x16\x03\x01")]
    [InlineData("\x16\x03\x01\xFF\xFFxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    [InlineData("")]
    public async Task Octets_that_are_no_handshake_fail_it(string octets)
    {
        var failure = new TaskCompletionSource<Exception>();
        IListener listener = Transport.Listen(Loopback, async connection =>
            failure.SetResult(await Assert.ThrowsAnyAsync<IOException>(async () => await connection.AuthenticateAsServerAsync(Server, default))));
        using Socket socket = await ConnectAsync(listener.LocalEndPoint);
        await socket.SendAsync(System.Text.Encoding.Latin1.GetBytes(octets).AsMemory());
        socket.Shutdown(SocketShutdown.Send);
        Assert.IsType<TlsHandshakeException>(await failure.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task Stream_that_is_changed_on_its_way_fails()
    {
        var failure = new TaskCompletionSource<Exception>();
        IListener listener = Transport.Listen(Loopback, async connection =>
        {
            await connection.AuthenticateAsServerAsync(Server, default);
            failure.SetResult(await Assert.ThrowsAnyAsync<IOException>(async () => await connection.Input.ReadAsync()));
        });
        using Socket socket = await ConnectAsync(listener.LocalEndPoint);
        await using var client = new SslStream(new NetworkStream(socket), false, TestCertificates.IsIssued);
        await client.AuthenticateAsClientAsync("mx.example").WaitAsync(Patience);
        await socket.SendAsync(new byte[] { 23, 3, 3, 0, 4, 1, 2, 3, 4 }.AsMemory());
        await failure.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task Server_is_refused_where_its_name_or_its_issuer_is_another()
    {
        IListener listener = Transport.Listen(Loopback, async connection =>
            await Assert.ThrowsAnyAsync<IOException>(async () =>
            {
                await connection.AuthenticateAsServerAsync(Server, default);
                await connection.Input.ReadAsync();
            }));
        using var stranger = new TestCertificates();
        foreach ((TlsClientSettings settings, string name, string why) in new[]
        {
            (Client, "other.example", "another name"),
            (new TlsClientSettings { Verify = true, Authorities = stranger.Authorities }, "mx.example", "cannot be verified"),
        })
        {
            await using Connection client = await Transport.ConnectAsync(listener.LocalEndPoint, null, default);
            TlsHandshakeException failure = await Assert.ThrowsAsync<TlsHandshakeException>(async () => await client.AuthenticateAsClientAsync(settings, name, default));
            Assert.Contains(why, failure.Message, StringComparison.Ordinal);
        }

        await using Connection unchecking = await Transport.ConnectAsync(listener.LocalEndPoint, null, default);
        TlsFacts facts = await unchecking.AuthenticateAsClientAsync(TlsClientSettings.Unchecked, "other.example", default);
        Assert.False(facts.IsPeerVerified);
    }

    [Fact]
    public async Task Both_sides_have_the_same_channel_binding()
    {
        var binding = new TaskCompletionSource<byte[]>();
        IListener listener = Transport.Listen(Loopback, async connection =>
        {
            Assert.True(connection.ChannelBinding("tls-server-end-point").IsEmpty);
            await connection.AuthenticateAsServerAsync(Server, default);
            binding.SetResult(connection.ChannelBinding("tls-server-end-point").ToArray());
            await EchoAsync(connection);
        });
        await using Connection client = await Transport.ConnectAsync(listener.LocalEndPoint, null, default);
        await client.AuthenticateAsClientAsync(Client, "mx.example", default);
        byte[] expected = System.Security.Cryptography.SHA256.HashData(Server.Certificates.Current[0].RawData);
        Assert.Equal(expected, await binding.Task.WaitAsync(Patience));
        Assert.Equal(expected, client.ChannelBinding("tls-server-end-point").ToArray());
        Assert.True(client.ChannelBinding("tls-unique").IsEmpty);
    }

    [Fact]
    public async Task Client_that_wants_another_protocol_is_refused()
    {
        IListener listener = Transport.Listen(Loopback, async connection =>
            await Assert.ThrowsAsync<TlsHandshakeException>(async () => await connection.AuthenticateAsServerAsync(Server, default)));
        using Socket socket = await ConnectAsync(listener.LocalEndPoint);
        await using var client = new SslStream(new NetworkStream(socket), false, TestCertificates.IsIssued);
        var options = new SslClientAuthenticationOptions { TargetHost = "mx.example", ApplicationProtocols = [SslApplicationProtocol.Http11] };
        await Assert.ThrowsAnyAsync<Exception>(() => client.AuthenticateAsClientAsync(options).WaitAsync(Patience));
    }

    [Theory]
    [InlineData(ClientCertificateMode.None, true, null, true)]
    [InlineData(ClientCertificateMode.Ask, false, null, true)]
    [InlineData(ClientCertificateMode.Ask, true, "client.example", true)]
    [InlineData(ClientCertificateMode.Require, true, "client.example", true)]
    [InlineData(ClientCertificateMode.Require, false, null, false)]
    public async Task Client_certificate_is_wanted_or_not(ClientCertificateMode mode, bool shows, string? seen, bool isLetIn)
    {
        var settings = new TlsServerSettings { Certificates = Server.Certificates, ClientCertificates = mode, ClientAuthorities = _authority.Authorities };
        var result = new TaskCompletionSource<TlsFacts?>();
        IListener listener = Transport.Listen(Loopback, async connection =>
        {
            try
            {
                result.SetResult(await connection.AuthenticateAsServerAsync(settings, default));
            }
            catch (TlsHandshakeException)
            {
                result.SetResult(null);
            }
        });
        await using Connection client = await Transport.ConnectAsync(listener.LocalEndPoint, null, default);
        TlsClientSettings own = shows ? new TlsClientSettings { Certificates = new TlsCertificates(_authority.Issue("client.example")) } : TlsClientSettings.Unchecked;
        try
        {
            await client.AuthenticateAsClientAsync(own, "mx.example", default).AsTask().WaitAsync(Patience);
        }
        catch (IOException) when (!isLetIn)
        {
            // TLS 1.2 tells it here, TLS 1.3 with the first read.
        }

        TlsFacts? facts = await result.Task.WaitAsync(Patience);
        Assert.Equal(isLetIn, facts is not null);
        Assert.Equal(seen, facts?.PeerName);
        Assert.Equal(seen is not null, facts?.IsPeerVerified ?? false);
    }

    public void Dispose()
    {
        _authority.Dispose();
        GC.SuppressFinalize(this);
    }
}
