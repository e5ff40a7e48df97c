import static io.trino.testing.TestingSession.testSessionBuilder;

import io.trino.testing.LocalQueryRunner;
import io.trino.testing.MaterializedRow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** Runs the query of each file in Trino, in this process, and writes its rows beside it: values apart by tabs, \N for null. */
public class Run {
  public static void main(String[] files) throws Exception {
    try (LocalQueryRunner trino = LocalQueryRunner.create(testSessionBuilder().build())) {
      for (String file : files) {
        String rows = trino.execute(Files.readString(Path.of(file))).getMaterializedRows().stream()
            .map(Run::line)
            .collect(Collectors.joining());
        Files.writeString(Path.of(file + ".rows"), rows);
      }
    }
    System.exit(0);
  }

  private static String line(MaterializedRow row) {
    return row.getFields().stream()
        .map(value -> value == null ? "\\N" : value.toString())
        .collect(Collectors.joining("\t", "", "\n"));
  }
}
