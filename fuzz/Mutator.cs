namespace SlimtaFast.Fuzz;

/// <summary>Makes new inputs out of seeds: flips, overwrites, cuts, repeats, words of the dictionary, splices of two seeds.</summary>
public sealed class Mutator
{
    private const int LongestInput = 64 * 1024;

    private static readonly byte[] Interesting = [0x00, 0x01, 0x09, 0x0A, 0x0D, 0x20, 0x22, 0x2E, 0x3C, 0x3E, 0x40, 0x5C, 0x7F, 0x80, 0xFF];

    private readonly Random _random;
    private readonly IReadOnlyList<byte[]> _words;

    /// <summary>Takes the source of randomness and the words to insert.</summary>
    public Mutator(Random random, IReadOnlyList<byte[]> words)
    {
        _random = random;
        _words = words;
    }

    /// <summary>A variant of the seed, changed one to eight times; <paramref name="other"/> is what a splice takes its end from.</summary>
    public byte[] Mutate(byte[] seed, byte[] other)
    {
        ArgumentNullException.ThrowIfNull(seed);
        ArgumentNullException.ThrowIfNull(other);
        var input = new List<byte>(seed);
        for (int changes = _random.Next(1, 9); changes > 0; changes--)
            Change(input, other);
        if (input.Count > LongestInput)
            input.RemoveRange(LongestInput, input.Count - LongestInput);
        return [.. input];
    }

    private void Change(List<byte> input, byte[] other)
    {
        int at = _random.Next(input.Count + 1);
        bool inside = at < input.Count;
        switch (_random.Next(9))
        {
            case 0 when inside:
                input[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when inside:
                input[at] = (byte)_random.Next(256);
                break;
            case 2 when inside:
                input[at] = Interesting[_random.Next(Interesting.Length)];
                break;
            case 3:
                input.Insert(at, Interesting[_random.Next(Interesting.Length)]);
                break;
            case 4 when inside:
                input.RemoveRange(at, Piece(input.Count - at));
                break;
            case 5 when inside:
                input.InsertRange(_random.Next(input.Count + 1), input.GetRange(at, Piece(input.Count - at)));
                break;
            case 6 when _words.Count > 0:
                input.InsertRange(at, _words[_random.Next(_words.Count)]);
                break;
            case 7 when inside:
                Overwrite(input, at, BitConverter.GetBytes(_random.Next(2) == 0 ? uint.MaxValue : (uint)_random.Next()));
                break;
            case 8 when other.Length > 0:
                int from = _random.Next(other.Length);
                input.RemoveRange(at, input.Count - at);
                input.AddRange(other.AsSpan(from));
                break;
        }
    }

    // Mostly short pieces, seldom long ones.
    private int Piece(int most) => _random.Next(8) == 0 ? _random.Next(1, most + 1) : _random.Next(1, Math.Min(most, 16) + 1);

    private static void Overwrite(List<byte> input, int at, byte[] bytes)
    {
        for (int i = 0; i < bytes.Length && at + i < input.Count; i++)
            input[at + i] = bytes[i];
    }
}
