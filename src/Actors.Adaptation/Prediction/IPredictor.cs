namespace VioActors.Actors.Adaptation.Prediction;

/// <summary>Says what comes next from what was. Pure: the same series gives the same forecast.</summary>
public interface IPredictor
{
    /// <summary>The value to expect in the next step, in the unit of the series.</summary>
    /// <param name="newestFirst">Measurements; an empty series gives 0.</param>
    double Predict(ReadOnlySpan<double> newestFirst);
}
