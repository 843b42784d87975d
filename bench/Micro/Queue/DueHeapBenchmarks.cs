using BenchmarkDotNet.Attributes;
using SlimtaFast.Queue.Scheduling;

namespace SlimtaFast.Micro.Queue;

/// <summary>One item coming due and going back to wait, among many that wait.</summary>
[MemoryDiagnoser]
public class DueHeapBenchmarks
{
    private readonly Random _random = new(1);
    private DueHeap _heap = null!;

    [Params(10_000, 1_000_000)]
    public int Waiting { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _heap = new DueHeap();
        for (int i = 0; i < Waiting; i++)
            _heap.Push(i, _random.NextInt64(1L << 40));
    }

    [Benchmark]
    public void PopAndPush()
    {
        long due = _heap.FirstDue;
        _heap.Push(_heap.Pop(), due + _random.NextInt64(1L << 40));
    }
}
