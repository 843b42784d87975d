namespace SlimtaFast.Fuzz.Targets;

/// <summary>
/// How an input is cut, told by its own head: a number of up to sixteen, and so many lengths, which are used one after the other and
/// then again from the first. So every split of a short input can be reached.
/// </summary>
internal static class Cuts
{
    private const int Most = 16;

    /// <summary>Takes the head off and cuts the rest.</summary>
    public static byte[][] Take(ref ReadOnlySpan<byte> input)
    {
        int count = input.IsEmpty ? 0 : Math.Min(input[0] % (Most + 1), input.Length - 1);
        ReadOnlySpan<byte> lengths = count == 0 ? default : input.Slice(1, count);
        input = input.IsEmpty ? input : input[(1 + count)..];
        if (count == 0)
            return [input.ToArray()];
        var pieces = new List<byte[]>();
        ReadOnlySpan<byte> rest = input;
        for (int i = 0; !rest.IsEmpty; i++)
        {
            int length = Math.Min(lengths[i % count] + 1, rest.Length);
            pieces.Add(rest[..length].ToArray());
            rest = rest[length..];
        }

        return [.. pieces];
    }
}
