using BenchmarkDotNet.Attributes;
using SlimtaFast.Protocol.Data;

namespace SlimtaFast.Micro.Relay;

/// <summary>Octets of DATA a second on the way out: lines of 78 octets, every tenth with a dot to double, checked for bare line ends.</summary>
[MemoryDiagnoser]
public class DotEncoderBenchmarks
{
    private byte[] _message = [];

    /// <summary>Octets of the message.</summary>
    [Params(1024, 10 * 1024, 1024 * 1024)]
    public int Size { get; set; }

    /// <summary>Whether the message is scanned, or known to need no dots.</summary>
    [Params(false, true)]
    public bool Scan { get; set; }

    /// <summary>Makes the message.</summary>
    [GlobalSetup]
    public void MakeMessage()
    {
        var message = new List<byte>(Size + 100);
        for (int line = 0; message.Count < Size; line++)
        {
            if (Scan && line % 10 == 9)
                message.Add((byte)'.');
            message.AddRange(Enumerable.Repeat((byte)'x', 76));
            message.AddRange("\r\n"u8);
        }

        _message = [.. message];
    }

    /// <summary>Cuts the message into its slices.</summary>
    [Benchmark]
    public int Encode()
    {
        var encoder = default(DotEncoder);
        ReadOnlyMemory<byte> rest = _message;
        int slices = 0;
        while (encoder.TryNext(ref rest, Scan, out _, out _))
            slices++;
        return slices;
    }
}
