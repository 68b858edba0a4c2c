namespace VioActors.Bench.Chaos;

/// <summary>Everything that a seed decides. One caller at a time, so that it decides the same again.</summary>
internal sealed class ChaosDice(int seed, int servers, BenchRun run)
{
    private readonly Random _random = new(seed);

    /// <summary>One of the servers.</summary>
    public int Server() => _random.Next(servers);

    /// <summary>From one to as many.</summary>
    public int UpTo(int most) => _random.Next(1, most + 1);

    /// <summary>Whether it happens this time, once in so many.</summary>
    public bool OneIn(int many) => _random.Next(many) == 0;

    /// <summary>One of several.</summary>
    public T Of<T>(IReadOnlyList<T> several) => several[_random.Next(several.Count)];

    /// <summary>So many seconds.</summary>
    public TimeSpan Wait(double from, double to) => TimeSpan.FromSeconds(from + (_random.NextDouble() * (to - from)));

    /// <summary>Waits so many seconds.</summary>
    public Task WaitAsync(double from, double to) => WaitAsync(Wait(from, to));

    /// <summary>Waits.</summary>
    public Task WaitAsync(TimeSpan wait) => Task.Delay(wait, run.Time, run.Cancel);
}
