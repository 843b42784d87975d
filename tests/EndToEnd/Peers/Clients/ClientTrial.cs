namespace SlimtaFast.EndToEnd.Tests.Peers.Clients;

/// <summary>What every client has to show, by each of its ways to TLS and each of its mechanisms.</summary>
internal static class ClientTrial
{
    /// <summary>Runs a client, which tells whether it succeeded and what it and the server said.</summary>
    public static async Task RunAsync(
        IReadOnlyList<string> mechanisms,
        Func<PeerServer, Submission, Task<(bool Sent, string Output)>> send,
        bool implicitTls = true)
    {
        await using PeerServer server = await PeerServer.StartAsync();
        foreach (bool isImplicit in implicitTls ? new[] { false, true } : [false])
        {
            int port = isImplicit ? server.ImplicitTlsPort : server.StartTlsPort;
            foreach (string mechanism in mechanisms)
            {
                var right = new Submission(port, isImplicit, mechanism, "");
                right = right with { Secret = right.IsBearer ? server.Token : PeerServer.Password };
                (bool sent, string output) = await send(server, right);
                Assert.True(sent, $"{right}\n{output}");
                await server.AssertArrivesAsync("b@far.test", received: 1, $"{right}\n{output}");

                Submission wrong = right with { Secret = right.IsBearer ? server.Token[..^8] + "AAAAAAAA" : "wrong" };
                (sent, output) = await send(server, wrong);
                Assert.True(!sent && output.Contains("535", StringComparison.Ordinal), $"{wrong}\n{output}");
            }

            (bool relayed, string answer) = await send(server, new Submission(port, isImplicit, "", ""));
            Assert.True(!relayed && answer.Contains("550", StringComparison.Ordinal), answer);
        }

        Assert.Equal(0, server.Unexpected);
        await server.AssertStopsAsync();
    }
}
