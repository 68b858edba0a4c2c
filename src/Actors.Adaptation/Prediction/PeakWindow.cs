using System.Collections.Immutable;

namespace VioActors.Actors.Adaptation.Prediction;

/// <summary>The peak of the last hour, in steps of five minutes. Immutable, bounded, folded value by value.</summary>
public sealed record PeakWindow
{
    private const int Steps = 12;
    private const int StepSeconds = 300;

    /// <summary>Nothing seen.</summary>
    public static readonly PeakWindow Empty = new([]);

    private readonly ImmutableArray<(long Step, double Peak)> _newest;

    private PeakWindow(ImmutableArray<(long, double)> newest) => _newest = newest;

    /// <summary>The highest value; 0 when nothing was seen.</summary>
    public double Peak
    {
        get
        {
            var peak = 0.0;
            foreach (var one in _newest) peak = Math.Max(peak, one.Peak);
            return peak;
        }
    }

    /// <summary>The window with one more value; values come in the order of their time.</summary>
    public PeakWindow Add(DateTimeOffset at, double value)
    {
        var step = at.ToUnixTimeSeconds() / StepSeconds;
        if (_newest.Length > 0 && _newest[0].Step == step)
            return value <= _newest[0].Peak ? this : new PeakWindow(_newest.SetItem(0, (step, value)));
        return new PeakWindow([(step, value), .. _newest.Where(one => one.Step > step - Steps)]);
    }
}
