using BenchmarkDotNet.Attributes;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Data;

namespace SlimtaFast.Micro.Protocol;

/// <summary>Octets of DATA a second: lines of 78 octets, none of them, or every tenth, with a dot to take out.</summary>
[MemoryDiagnoser]
public class DataBenchmarks
{
    private byte[] _data = [];

    /// <summary>Octets of the message.</summary>
    [Params(1024, 10 * 1024, 1024 * 1024)]
    public int Size { get; set; }

    /// <summary>Whether lines start with dots.</summary>
    [Params(false, true)]
    public bool Dots { get; set; }

    /// <summary>Makes the message.</summary>
    [GlobalSetup]
    public void MakeMessage()
    {
        var data = new List<byte>(Size + 100);
        for (int line = 0; data.Count < Size; line++)
        {
            if (Dots && line % 10 == 9)
                data.AddRange(".."u8);
            data.AddRange(Enumerable.Repeat((byte)'x', 76));
            data.AddRange("\r\n"u8);
        }

        data.AddRange(".\r\n"u8);
        _data = [.. data];
    }

    /// <summary>Finds the content and all its traits.</summary>
    [Benchmark]
    public ContentTraits Decode()
    {
        var decoder = default(DotDecoder);
        ReadOnlySpan<byte> rest = _data;
        while (!rest.IsEmpty)
            rest = rest[decoder.Decode(rest).Consumed..];
        return decoder.Finish();
    }
}
