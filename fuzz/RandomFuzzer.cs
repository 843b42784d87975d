using System.Security.Cryptography;

namespace SlimtaFast.Fuzz;

/// <summary>
/// A fuzzer for machines without AFL: mutates the corpus without looking at coverage. The same seed makes the same inputs. Stops at the
/// first finding, whose input it writes to the findings folder.
/// </summary>
public sealed class RandomFuzzer
{
    private readonly FuzzFolders _folders;
    private readonly TimeProvider _time;

    /// <summary>Takes the folders with corpora and dictionaries, and the clock that ends a run.</summary>
    public RandomFuzzer(FuzzFolders folders, TimeProvider time)
    {
        _folders = folders;
        _time = time;
    }

    /// <summary>Inputs that the last run tried.</summary>
    public long Tried { get; private set; }

    /// <summary>Fuzzes a target for a time; the file with the input that it did not stand, or null.</summary>
    public string? Run(IFuzzTarget target, TimeSpan duration, int seed)
    {
        ArgumentNullException.ThrowIfNull(target);
        byte[][] seeds = [.. _folders.Corpus(target).Select(File.ReadAllBytes), []];
        var random = new Random(seed);
        var mutator = new Mutator(random, FuzzDictionary.Read(_folders.Dictionary(target)));
        long start = _time.GetTimestamp();
        for (Tried = 0; _time.GetElapsedTime(start) < duration; Tried++)
        {
            byte[] input = mutator.Mutate(seeds[random.Next(seeds.Length)], seeds[random.Next(seeds.Length)]);
            if (!Stands(target, input, out Exception? finding))
                return Keep(target, input, finding!);
        }

        return null;
    }

    /// <summary>Runs a target on one input; false with the exception that escaped.</summary>
    public static bool Stands(IFuzzTarget target, byte[] input, out Exception? finding)
    {
        ArgumentNullException.ThrowIfNull(target);
        finding = null;
        try
        {
            target.Run(input);
            return true;
        }
#pragma warning disable CA1031 // Whatever escapes is the finding.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            finding = exception;
            return false;
        }
    }

    private string Keep(IFuzzTarget target, byte[] input, Exception finding)
    {
        string folder = _folders.Findings(target);
        Directory.CreateDirectory(folder);
        string file = Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(input))[..16]);
        File.WriteAllBytes(file, input);
        File.WriteAllText($"{file}.txt", finding.ToString());
        return file;
    }
}
